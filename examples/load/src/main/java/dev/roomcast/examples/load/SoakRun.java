package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * People who come and go, so many at a time: most join a room, some say something, some come back
 * by resuming, and they leave in every way there is. Confined to the loop's thread.
 */
final class SoakRun {

  private static final Pattern RESUME = Pattern.compile("\"resume\":\"([^\"]+)\"");
  /** Few, so that what is bounded for each room is full soon: whose marks are kept, for one. */
  private static final int ROOMS = 5;

  private static final int ADDRESSES = 200;
  private static final int RETRY_MS = 50;

  private final Loop loop;
  private final InetSocketAddress server;
  private final int atATime;
  private final Random random;
  private final Map<String, Integer> problems = new TreeMap<>();
  private long toDo;
  private int open;
  private long done;
  private long resumed;
  private long messages;

  /** How far it is. Immutable. */
  record State(
      long done, long resumed, long messages, boolean over, Map<String, Integer> problems) {
    State plus(State other) {
      Map<String, Integer> all = new TreeMap<>(problems);
      other.problems.forEach((problem, count) -> all.merge(problem, count, Integer::sum));
      return new State(
          done + other.done,
          resumed + other.resumed,
          messages + other.messages,
          over && other.over,
          all);
    }
  }

  SoakRun(Loop loop, URI server, int atATime, long seed) {
    this.loop = loop;
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.atATime = atATime;
    this.random = new Random(seed);
  }

  /** Has so many more come and go. */
  void add(long connects) {
    toDo += connects;
    fill();
  }

  State state() {
    return new State(done, resumed, messages, toDo == 0 && open == 0, Map.copyOf(problems));
  }

  private void fill() {
    while (open < atATime && toDo > 0) {
      toDo--;
      visit(new Visit(random.nextInt(100)), "");
    }
  }

  private void visit(Visit visit, String query) {
    open++;
    int address = random.nextInt(ADDRESSES);
    visit.query = query;
    try {
      Attacker.connect(loop, server, "127.0.1." + (1 + address), visit);
    } catch (IOException e) {
      ended("no connection: " + e.getMessage());
    }
  }

  private void ended(String problem) {
    open--;
    if (!problem.isEmpty()) {
      problems.merge(problem, 1, Integer::sum);
      loop.after(RETRY_MS, this::fill);
    } else {
      done++;
      fill();
    }
  }

  /** Somebody's visit: what it does and how it ends is decided by a number below 100. */
  private final class Visit implements Attacker.Script {
    private final int way;
    private String query = "";
    private String resume = "";
    private boolean leaving;

    Visit(int way) {
      this.way = way;
    }

    @Override
    public void connected(Attacker attacker) throws IOException {
      attacker.send(Attack.upgrade("?name=visitor" + query));
    }

    @Override
    public void text(Attacker attacker, String text) throws IOException {
      if (text.contains("\"type\":\"welcome\"")) {
        welcome(attacker, text);
      } else if (text.contains("\"type\":\"joined\"")) {
        if (way % 3 == 0) {
          messages++;
          attacker.say(
              "{\"type\":\"message\",\"id\":1,\"text\":\"hello\",\"room\":\"" + room() + "\"}");
        } else {
          leave(attacker);
        }
      } else if (text.contains("\"type\":\"ack\"")) {
        leave(attacker);
      } else if (text.contains("\"type\":\"error\"")) {
        problems.merge(text.replaceAll(".*\"code\":\"(\\w+)\".*", "error $1"), 1, Integer::sum);
        leave(attacker);
      }
    }

    private String room() {
      return "soak-" + way % ROOMS;
    }

    private void welcome(Attacker attacker, String text) throws IOException {
      resumed += text.contains("\"resumed\":true") ? 1 : 0;
      Matcher secret = RESUME.matcher(text);
      if (secret.find()) {
        resume = secret.group(1);
      }
      if (query.isEmpty() && way % 5 != 0) {
        attacker.say("{\"type\":\"join\",\"room\":\"" + room() + "\",\"history\":0}");
      } else {
        leave(attacker);
      }
    }

    private void leave(Attacker attacker) throws IOException {
      if (leaving) {
        return;
      }
      leaving = true;
      if (way < 60 || !query.isEmpty()) {
        attacker.send(WebSocket.masked(8, new byte[] {3, (byte) 0xe8}));
      } else if (way < 65) {
        attacker.halfClose();
      } else {
        attacker.cut();
      }
    }

    @Override
    public void over(Attacker attacker, String how) {
      boolean back = leaving && way >= 90 && query.isEmpty() && !resume.isEmpty();
      ended(leaving ? "" : how + " too early");
      if (back) {
        visit(new Visit(way), "&resume=" + resume);
      }
    }
  }
}
