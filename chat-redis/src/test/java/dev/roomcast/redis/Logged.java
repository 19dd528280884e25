package dev.roomcast.redis;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the backend warns of from now on. Thread-safe. */
final class Logged extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Logger logger = (Logger) LoggerFactory.getLogger("roomcast.broker");
  private final List<String> warnings = new CopyOnWriteArrayList<>();

  private Logged() {}

  static Logged now() {
    Logged logged = new Logged();
    logged.setContext(logged.logger.getLoggerContext());
    logged.start();
    logged.logger.addAppender(logged);
    return logged;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
      warnings.add(event.getFormattedMessage());
    }
  }

  List<String> with(String part) {
    return warnings.stream().filter(warning -> warning.contains(part)).toList();
  }

  void until(String part) {
    try {
      Heard.until(() -> !with(part).isEmpty());
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError("not logged: " + part + "; but " + warnings, e);
    }
  }

  @Override
  public void close() {
    logger.detachAppender(this);
  }
}
