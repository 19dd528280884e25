package dev.roomcast.examples.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Questions to a server on this machine, on one connection that comes back when it is lost. Guarded
 * by "this".
 */
final class RedisAsk implements AutoCloseable {

  private static final int TIMEOUT_MS = 5_000;

  private final int port;
  private @Nullable Socket socket;
  private @Nullable InputStream in;

  RedisAsk(int port) {
    this.port = port;
  }

  /**
   * Sends a command and returns the answer: a text, a number or a list.
   *
   * @throws IOException when there is none, or it is an error
   */
  synchronized @Nullable Object ask(String... command) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(bytes("*" + command.length + "\r\n"));
    for (String word : command) {
      byte[] raw = word.getBytes(StandardCharsets.UTF_8);
      line.writeBytes(bytes("$" + raw.length + "\r\n"));
      line.writeBytes(raw);
      line.writeBytes(bytes("\r\n"));
    }
    boolean isNew = socket == null;
    try {
      return ask(line.toByteArray());
    } catch (SocketTimeoutException e) {
      close();
      throw e;
    } catch (SocketException | EOFException e) {
      close();
      if (isNew) {
        throw e;
      }
      return ask(line.toByteArray()); // it has been started again meanwhile
    }
  }

  private @Nullable Object ask(byte[] command) throws IOException {
    if (socket == null || in == null) {
      Socket fresh = new Socket();
      socket = fresh;
      fresh.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      fresh.setSoTimeout(TIMEOUT_MS);
      fresh.setTcpNoDelay(true);
      in = new BufferedInputStream(fresh.getInputStream());
    }
    socket.getOutputStream().write(command);
    return read(in);
  }

  @Override
  public synchronized void close() throws IOException {
    Socket open = socket;
    socket = null;
    in = null;
    if (open != null) {
      open.close();
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
