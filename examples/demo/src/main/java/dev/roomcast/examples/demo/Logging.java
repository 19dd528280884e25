package dev.roomcast.examples.demo;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import org.slf4j.LoggerFactory;

/** Sets how the log looks. Text is what {@code logback.xml} says. Stateless. */
final class Logging {

  private Logging() {}

  /** From now on every event is a JSON object on a line of its own. */
  static void json() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      json(context, Logger.ROOT_LOGGER_NAME, "stderr");
      json(context, "roomcast.quiet", "quiet");
    }
  }

  private static void json(LoggerContext context, String logger, String appender) {
    if (context.getLogger(logger).getAppender(appender)
        instanceof OutputStreamAppender<ILoggingEvent> stream) {
      JsonEncoder encoder = new JsonEncoder();
      encoder.setContext(context);
      encoder.setWithSequenceNumber(false);
      encoder.setWithNanoseconds(false);
      encoder.setWithContext(false);
      encoder.setWithMessage(false);
      encoder.setWithArguments(false);
      encoder.setWithFormattedMessage(true);
      encoder.start();
      stream.setEncoder(encoder);
    }
  }
}
