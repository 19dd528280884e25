package dev.roomcast.chat;

/**
 * In the place of the transport of a connection that is over: a session that waits to be resumed
 * must not keep what a container has for each connection. Stateless.
 */
final class NoTransport implements Transport {

  static final Transport INSTANCE = new NoTransport();

  private NoTransport() {}

  @Override
  public boolean write(Frame frame, WriteListener done) {
    return true;
  }

  @Override
  public void ping() {}

  @Override
  public void close(int code, String reason) {}

  @Override
  public void abort() {}

  @Override
  public void reading(boolean on) {}
}
