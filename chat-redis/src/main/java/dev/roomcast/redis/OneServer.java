package dev.roomcast.redis;

import java.util.List;
import java.util.function.IntSupplier;

/** The two connections to one server, or to the master of some Sentinels. Thread-safe. */
final class OneServer implements Ways {

  private final NodeContext context;
  private final Endpoint endpoint;
  private final RedisLink commands;
  private final RedisLink logging;
  private final Subscriptions subscriptions;
  private volatile Runnable onUp = () -> {};

  OneServer(NodeContext context) {
    this.context = context;
    Keys keys = context.keys();
    this.endpoint = Endpoint.of(context.options());
    StartUpCheck check =
        new StartUpCheck(context.options(), keys.check(context.node()), keys.owner());
    this.commands =
        CommandLink.create(context, context.commands(""), endpoint, check, link -> onUp.run());
    this.logging =
        context.options().waitReplicas() == 0
            ? commands
            : CommandLink.create(context, context.logging(""), endpoint, null, link -> onUp.run());
    this.subscriptions =
        new Subscriptions(
            context.node(),
            context.name("delivery"),
            context.options(),
            endpoint,
            keys,
            context.epochs(),
            context.retention(),
            commands,
            context.timer(),
            context.listener());
  }

  @Override
  public Commands commands() {
    return commands;
  }

  @Override
  public Commands logging() {
    return logging;
  }

  @Override
  public Listening listening() {
    return subscriptions;
  }

  @Override
  public RoomIndex index() {
    return new OneIndex(commands, context.keys());
  }

  @Override
  public Telling telling() {
    return new OneTelling(commands, context.keys());
  }

  @Override
  public Sessions sessions() {
    return new OneSessions(context.node(), commands, context.keys());
  }

  @Override
  public IntSupplier losses() {
    return () -> 0; // what is lost with one server is all of it, and found by the lease
  }

  @Override
  public void start(Runnable up) {
    onUp = up;
    links().forEach(RedisLink::start);
    endpoint.watch(
        context.name("sentinel"), server -> links().forEach(link -> link.moveTo(server)));
  }

  private List<RedisLink> links() {
    return logging == commands
        ? List.of(commands, subscriptions.link())
        : List.of(commands, logging, subscriptions.link());
  }

  @Override
  public void ping() {
    links().forEach(RedisLink::ping);
  }

  @Override
  public void tidy() {
    // Scripts leave nothing behind.
  }

  @Override
  public void close() {
    endpoint.close();
    subscriptions.link().close();
    commands.close();
    logging.close();
  }
}
