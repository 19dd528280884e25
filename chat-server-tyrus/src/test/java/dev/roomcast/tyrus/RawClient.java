package dev.roomcast.tyrus;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.DataFormatException;

/**
 * A WebSocket client that does what no decent one does: broken frames, broken text, no reading.
 * Confined to one thread.
 */
final class RawClient implements AutoCloseable {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final byte[] MASK = {1, 2, 3, 4};

  final int status;
  final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final OutputStream out;
  private final PerMessageDeflate deflate = new PerMessageDeflate();
  private final boolean compresses;
  int compressed;

  /** What was received: a whole message, or a close frame with its code. */
  record Message(int opcode, String text, int closeCode) {
    static Message of(int opcode, byte[] payload) {
      return new Message(
          opcode,
          new String(payload, StandardCharsets.UTF_8),
          payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff);
    }
  }

  /** Sends an upgrade request, with more headers, and reads the head of the answer. */
  RawClient(String url, String pathAndQuery, String... moreHeaders) throws IOException {
    URI uri = URI.create(url);
    socket.setReceiveBufferSize(16 << 10);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
    Socket talk = url.startsWith("https") ? TestTls.over(socket) : socket;
    in = new DataInputStream(talk.getInputStream());
    out = talk.getOutputStream();
    StringBuilder head = new StringBuilder();
    head.append("GET ").append(pathAndQuery).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(uri.getAuthority()).append("\r\n");
    head.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    head.append("Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n");
    for (int i = 0; i < moreHeaders.length; i += 2) {
      head.append(moreHeaders[i]).append(": ").append(moreHeaders[i + 1]).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    out.flush();
    String line = line();
    status = line.isEmpty() ? 0 : Integer.parseInt(line.split(" ", 3)[1]);
    for (line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon), line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
    }
    compresses = header("Sec-WebSocket-Extensions").startsWith("permessage-deflate");
  }

  /** A line of the head; empty at its end, and when the connection was cut. */
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        if (c != '\r') {
          line.write(c);
        }
      }
    } catch (SocketException e) {
      return "";
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** A header of the answer, empty when there is none. */
  String header(String name) {
    return Objects.requireNonNullElse(headers.get(name), "");
  }

  /** The body of an answer that is no upgrade. */
  String body() throws IOException {
    byte[] body = new byte[Integer.parseInt(header("Content-Length").toLowerCase(Locale.ROOT))];
    in.readFully(body);
    return new String(body, StandardCharsets.UTF_8);
  }

  void send(String frame) throws IOException {
    send(true, TEXT, frame.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /** Sends the same frame so many times in one write. */
  void burst(String frame, int times) throws IOException {
    byte[] one = frame(true, TEXT, frame.getBytes(StandardCharsets.UTF_8), true);
    ByteBuffer all = ByteBuffer.allocate(one.length * times);
    for (int i = 0; i < times; i++) {
      all.put(one);
    }
    out.write(all.array());
    out.flush();
  }

  void send(boolean last, int opcode, byte[] payload) throws IOException {
    send(last, opcode, payload, true);
  }

  void send(boolean last, int opcode, byte[] payload, boolean masked) throws IOException {
    out.write(frame(last, opcode, payload, masked));
    out.flush();
  }

  private byte[] frame(boolean last, int opcode, byte[] message, boolean masked) {
    byte[] packed = compresses && last && opcode == TEXT ? deflate.compress(message) : null;
    byte[] payload = packed == null ? message : packed;
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    int mask = masked ? 0x80 : 0;
    frame.put((byte) ((last ? 0x80 : 0) | (packed == null ? 0 : 0x40) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (mask | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (mask | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (mask | 127)).putLong(payload.length);
    }
    if (masked) {
      frame.put(MASK);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (masked ? payload[i] ^ MASK[i % 4] : payload[i]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /** The next message: fragments put together, pings left out. */
  Message next() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    int opcode = CONTINUATION;
    while (true) {
      int first = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      byte[] payload =
          new byte
              [length == 126
                  ? in.readUnsignedShort()
                  : length == 127 ? Math.toIntExact(in.readLong()) : length];
      in.readFully(payload);
      if ((first & 0x0f) == CLOSE) {
        return Message.of(CLOSE, payload);
      }
      if ((first & 0x08) == 0) {
        opcode = Math.max(opcode, first & 0x0f);
        message.writeBytes((first & 0x40) == 0 ? payload : unpack(payload));
        if (first >= 0x80) {
          return Message.of(opcode, message.toByteArray());
        }
      }
    }
  }

  private byte[] unpack(byte[] payload) throws IOException {
    compressed++;
    try {
      return Objects.requireNonNull(deflate.unpack(payload, 64 << 20));
    } catch (DataFormatException e) {
      throw new IOException(e);
    }
  }

  /** Reads on until a text has all these parts. */
  String await(String... parts) throws IOException {
    while (true) {
      Message message = next();
      if (message.opcode() == CLOSE) {
        throw new AssertionError("closed with " + message.closeCode());
      }
      String text = message.text();
      if (Arrays.stream(parts).allMatch(text::contains)) {
        return text;
      }
    }
  }

  /** Reads on until the connection is closed; the code, or 1006. */
  int closeCode() throws IOException {
    try {
      Message message = next();
      while (message.opcode() != CLOSE) {
        message = next();
      }
      return message.closeCode();
    } catch (EOFException | SocketException e) {
      return 1006;
    }
  }

  /** Whether what is sent still finds somebody. */
  boolean connected() {
    try {
      send(true, PONG, new byte[0]);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Resets the connection, as a crashed client's system does. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
