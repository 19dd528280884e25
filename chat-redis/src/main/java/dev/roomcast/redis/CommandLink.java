package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hears of a link for commands: looks at the server, and says when there is a connection. */
final class CommandLink implements RedisLink.Listener {

  private final @Nullable StartUpCheck check;
  private final BackendListener node;
  private final Consumer<RedisLink> up;
  private volatile @Nullable RedisLink link;

  private CommandLink(@Nullable StartUpCheck check, BackendListener node, Consumer<RedisLink> up) {
    this.check = check;
    this.node = node;
    this.up = up;
  }

  /**
   * Creates a link that is not started yet.
   *
   * @param check of the server, null when another link does it
   * @param up told of each connection, after the check has begun
   */
  static RedisLink create(
      NodeContext context,
      RedisConnection.Purpose purpose,
      Endpoint endpoint,
      @Nullable StartUpCheck check,
      Consumer<RedisLink> up) {
    CommandLink heard = new CommandLink(check, context.listener(), up);
    RedisLink link = new RedisLink(purpose, context.options(), endpoint, heard);
    heard.link = link;
    return link;
  }

  @Override
  public void onUp() {
    node.onConnection(true);
    RedisLink connected = link;
    if (connected != null) {
      if (check != null) {
        check.run(connected);
      }
      up.accept(connected);
    }
  }

  @Override
  public void onDown() {
    node.onConnection(false);
  }

  @Override
  public void onRoundTrip(long nanos) {
    node.onRoundTrip(nanos);
  }

  @Override
  public void onMessage(byte[] channel, byte[] payload) {
    // Nothing is subscribed to on this link.
  }
}
