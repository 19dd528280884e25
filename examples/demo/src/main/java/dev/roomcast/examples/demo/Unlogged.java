package dev.roomcast.examples.demo;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.OutputStream;

/**
 * Puts events into words as the log does, and throws them away. {@code logback.xml} names it.
 * Thread-safe.
 */
public final class Unlogged extends OutputStreamAppender<ILoggingEvent> {

  /** For {@code logback.xml}. */
  public Unlogged() {}

  @Override
  public void start() {
    setOutputStream(OutputStream.nullOutputStream());
    super.start();
  }
}
