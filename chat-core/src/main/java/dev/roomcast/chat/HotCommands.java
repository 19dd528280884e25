package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;

/**
 * Reads the commands that come all the time straight from the text, without an object tree: flat
 * frames of {@code message}, {@code join}, {@code leave}, {@code read}, {@code typing} and {@code
 * ping}, as clients write them.
 *
 * <p>It never refuses: whatever is not plainly right (another field, a nested value, an escape that
 * is rare, a value out of its bounds) is null, and {@link CommandReader} reads the frame again as a
 * tree. So there is one place that says what is wrong, and one meaning of every frame. Immutable;
 * the state of one reading is in {@link Scan}.
 */
final class HotCommands {

  /** More digits than this may be more than a {@code long}; they are for the tree. */
  private static final int MAX_DIGITS = 18;

  private final Limits limits;

  HotCommands(Limits limits) {
    this.limits = limits;
  }

  /**
   * Whether every character of a frame stands for itself wherever it is: there are none but those
   * of printable ASCII, and no escapes. Nearly all frames are so, and need no second look at each.
   */
  static boolean isPlain(String frame) {
    int odd = 0; // of which the sign says it, for a loop without an exit costs half
    for (int i = 0; i < frame.length(); i++) {
      char c = frame.charAt(i);
      odd |= c - ' ' | '~' - c;
    }
    return odd >= 0 && frame.indexOf('\\') < 0;
  }

  /**
   * Returns the command that {@code frame} is, or null when the tree has to say what it is.
   *
   * @param plain whether the frame {@link #isPlain}
   */
  @Nullable Command read(String frame, boolean plain) {
    Scan scan = new Scan(frame, plain);
    if (!scan.object(limits.jsonFields())) {
      return null;
    }
    try {
      return command(scan);
    } catch (ChatException e) {
      return null; // the tree words the refusal
    }
  }

  private @Nullable Command command(Scan scan) {
    String type = scan.type;
    String room = scan.room;
    if (type == null || scan.id != null && scan.id.utf8Length() > Scan.MAX_ID) {
      return null;
    }
    if (type.equals("ping")) {
      return scan.has(Scan.ID | Scan.TS) ? new Command.Ping(scan.id, scan.ts) : null;
    }
    if (room == null) {
      return null;
    }
    return switch (type) {
      case "message" -> message(scan, Names.room(room));
      case "join" ->
          scan.has(Scan.ID | Scan.ROOM | Scan.HISTORY)
              ? new Command.Join(scan.id, Names.room(room), null, history(scan))
              : null;
      case "leave" ->
          scan.has(Scan.ID | Scan.ROOM) ? new Command.Leave(scan.id, Names.room(room)) : null;
      case "read" ->
          scan.has(Scan.ID | Scan.ROOM | Scan.OFFSET) && scan.offset >= 1
              ? new Command.Read(scan.id, Names.room(room), scan.offset)
              : null;
      case "typing" ->
          scan.has(Scan.ID | Scan.ROOM | Scan.ACTIVE) && scan.active != null
              ? new Command.Typing(scan.id, Names.room(room), scan.active)
              : null;
      default -> null;
    };
  }

  private static int history(Scan scan) {
    return (scan.seen & Scan.HISTORY) == 0
        ? CommandReader.DEFAULT_PAGE
        : (int) Math.min(CommandReader.MAX_PAGE, scan.history);
  }

  private @Nullable Command message(Scan scan, String room) {
    String text = scan.text;
    String key = scan.key;
    String kind = scan.kind == null ? "text" : scan.kind;
    boolean plain =
        scan.has(Scan.ID | Scan.ROOM | Scan.TEXT | Scan.KEY | Scan.KIND | Scan.REPLY_TO)
            && (kind.equals("text") || kind.equals("action"))
            && (key == null || !key.isEmpty() && key.length() <= CommandReader.MAX_KEY)
            && ((scan.seen & Scan.REPLY_TO) == 0 || scan.replyTo >= 1);
    if (!plain || text == null || text.isEmpty() || text.length() > limits.textLength()) {
      return null;
    }
    if (!scan.plain) {
      Names.utf8Length("text", text);
      if (key != null) {
        Names.utf8Length("key", key);
      }
    }
    return new Command.Message(scan.id, room, text, key, kind, scan.replyTo, null);
  }

  /** One pass over one frame, and the values that it found. Confined to one thread. */
  private static final class Scan {
    static final int MAX_ID = 64;
    static final int TYPE = 1;
    static final int ID = 2;
    static final int ROOM = 4;
    static final int TEXT = 8;
    static final int KEY = 16;
    static final int KIND = 32;
    static final int REPLY_TO = 64;
    static final int OFFSET = 128;
    static final int HISTORY = 256;
    static final int ACTIVE = 512;
    static final int TS = 1_024;
    private static final int UNKNOWN = 0;

    private final String frame;
    private final boolean plain;
    private int at;
    private int seen;
    private @Nullable String type;
    private @Nullable Json id;
    private @Nullable String room;
    private @Nullable String text;
    private @Nullable String key;
    private @Nullable String kind;
    private long replyTo;
    private long offset;
    private long history;
    private @Nullable Boolean active;
    private @Nullable Json ts;

    Scan(String frame, boolean plain) {
      this.frame = frame;
      this.plain = plain;
    }

    /** Whether there is nothing but these fields, and the type. */
    boolean has(int fields) {
      return (seen & ~(fields | TYPE)) == 0;
    }

    /** Reads all of the frame; false when it is not one flat object of fields known here. */
    boolean object(int most) {
      if (next() != '{') {
        return false;
      }
      at++;
      int fields = 0;
      do {
        if (++fields > most || next() != '"' || !field()) {
          return false;
        }
      } while (took(','));
      return took('}') && next() == 0 && at == frame.length();
    }

    private boolean field() {
      int field = name();
      if (field == UNKNOWN || (seen & field) != 0 || !took(':')) {
        return false; // of fields that are there twice the tree knows which counts
      }
      seen |= field;
      char first = next();
      return switch (field) {
        case TYPE -> (type = type()) != null;
        case ROOM -> (room = string()) != null;
        case TEXT -> (text = string()) != null;
        case KEY -> (key = string()) != null;
        case KIND -> (kind = string()) != null;
        case REPLY_TO -> (replyTo = number()) >= 0;
        case OFFSET -> (offset = number()) >= 0;
        case HISTORY -> (history = number()) >= 0;
        case ACTIVE -> (active = flag()) != null;
        case TS -> (ts = digits()) != null;
        default -> (id = first == '"' ? plainString() : digits()) != null;
      };
    }

    /** The type; of the one that comes most there is a string already. */
    private @Nullable String type() {
      String quoted = "\"message\"";
      if (!frame.startsWith(quoted, at)) {
        return string();
      }
      at += quoted.length();
      return "message";
    }

    private int name() {
      int end = frame.indexOf('"', at + 1);
      int field =
          switch (end - at - 1) {
            case 2 -> is("id", ID) | is("ts", TS);
            case 3 -> is("key", KEY);
            case 4 -> is("type", TYPE) | is("room", ROOM) | is("text", TEXT) | is("kind", KIND);
            case 6 -> is("offset", OFFSET) | is("active", ACTIVE);
            case 7 -> is("replyTo", REPLY_TO) | is("history", HISTORY);
            default -> UNKNOWN;
          };
      at = end + 1;
      return field;
    }

    private int is(String name, int field) {
      return frame.startsWith(name, at + 1) ? field : UNKNOWN;
    }

    /** Passes white space over; returns the character that is next, or 0 at the end. */
    private char next() {
      while (at < frame.length()) {
        char c = frame.charAt(at);
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
          return c;
        }
        at++;
      }
      return 0;
    }

    private boolean took(char expected) {
      boolean is = next() == expected;
      at += is ? 1 : 0;
      return is;
    }

    /** A string; most have no escapes, and are cut out as they are. */
    private @Nullable String string() {
      if (next() != '"') {
        return null;
      }
      int from = ++at;
      int end = plain ? frame.indexOf('"', from) : -1;
      if (end >= 0) {
        at = end + 1;
        return frame.substring(from, end);
      }
      for (; at < frame.length(); at++) {
        char c = frame.charAt(at);
        if (c == '"') {
          return frame.substring(from, at++);
        } else if (c == '\\') {
          return escaped(from);
        } else if (c < ' ') {
          return null;
        }
      }
      return null;
    }

    private @Nullable String escaped(int from) {
      StringBuilder value = new StringBuilder(frame.length() - from).append(frame, from, at);
      while (at < frame.length()) {
        char c = frame.charAt(at++);
        if (c == '"') {
          return value.toString();
        } else if (c < ' ') {
          return null;
        } else if (c != '\\') {
          value.append(c);
          continue;
        }
        char escape = at < frame.length() ? frame.charAt(at++) : 0;
        switch (escape) {
          case '"', '\\', '/' -> value.append(escape);
          case 'n' -> value.append('\n');
          case 'r' -> value.append('\r');
          case 't' -> value.append('\t');
          case 'b' -> value.append('\b');
          case 'f' -> value.append('\f');
          default -> {
            return null; // \\u is rare: clients write characters as they are
          }
        }
      }
      return null;
    }

    /** A string that means what it is, character by character, so that it needs no reading. */
    private @Nullable Json plainString() {
      int from = at;
      String value = string();
      if (value == null || value.length() != at - from - 2 || value.length() > MAX_ID - 2) {
        return null;
      }
      for (int i = 0; i < value.length(); i++) {
        if (value.charAt(i) > '~') {
          return null;
        }
      }
      return Json.trusted(frame.substring(from, at));
    }

    /** A whole number from 0 on as it is written, or null. */
    private @Nullable Json digits() {
      int from = at;
      return number() < 0 ? null : Json.trusted(frame.substring(from, at));
    }

    /** A whole number from 0 on, or -1 for anything else. */
    private long number() {
      next();
      int from = at;
      long value = 0;
      while (at < frame.length() && frame.charAt(at) >= '0' && frame.charAt(at) <= '9') {
        value = value * 10 + frame.charAt(at++) - '0';
      }
      int length = at - from;
      boolean leadingZero = length > 1 && frame.charAt(from) == '0';
      return length == 0 || length > MAX_DIGITS || leadingZero || !ends() ? -1 : value;
    }

    private @Nullable Boolean flag() {
      for (String word : new String[] {"true", "false"}) {
        if (frame.startsWith(word, at)) {
          at += word.length();
          return ends() ? Boolean.valueOf(word) : null;
        }
      }
      return null;
    }

    /** Whether a value that has no end of its own ends here: not in {@code 1.5} or {@code 1e3}. */
    private boolean ends() {
      int end = at;
      char c = next();
      at = end; // white space is no part of the value
      return c == ',' || c == '}';
    }
  }
}
