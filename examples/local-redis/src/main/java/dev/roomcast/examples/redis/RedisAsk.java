package dev.roomcast.examples.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One question to a server on this machine, on a connection of its own. Stateless. */
final class RedisAsk {

  private static final int TIMEOUT_MS = 5_000;

  private RedisAsk() {}

  /**
   * Sends a command and returns the answer: a text, a number or a list.
   *
   * @throws IOException when there is none, or it is an error
   */
  static @Nullable Object ask(int port, String... command) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(bytes("*" + command.length + "\r\n"));
    for (String word : command) {
      byte[] raw = word.getBytes(StandardCharsets.UTF_8);
      line.writeBytes(bytes("$" + raw.length + "\r\n"));
      line.writeBytes(raw);
      line.writeBytes(bytes("\r\n"));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(line.toByteArray());
      return read(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static @Nullable Object read(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case ':' -> Long.valueOf(rest);
      case '$' -> text(in, Integer.parseInt(rest));
      case '*' -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = Integer.parseInt(rest); i > 0; i--) {
          list.add(read(in));
        }
        yield list;
      }
      default -> throw new IOException(rest);
    };
  }

  private static @Nullable String text(InputStream in, int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] raw = in.readNBytes(length);
    line(in);
    return new String(raw, StandardCharsets.UTF_8);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the server hung up");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    if (line.size() == 0) {
      return "+";
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
