package dev.roomcast.chat;

/** A transport of a test that looks at nothing but what is written. */
interface QuietTransport extends Transport {

  @Override
  default void ping() {}

  @Override
  default void close(int code, String reason) {}

  @Override
  default void abort() {}

  @Override
  default void reading(boolean on) {}
}
