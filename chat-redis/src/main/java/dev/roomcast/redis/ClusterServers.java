package dev.roomcast.redis;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to the masters of a cluster: two to each that has slots which this node needs.
 * Thread-safe.
 */
final class ClusterServers implements Ways {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");

  private final NodeContext context;
  private final ClusterMembers members;
  private final ClusterCommands commands;
  private final ClusterCommands logging;
  private final ClusterSubscriptions subscriptions;
  private final SpreadIndex index;
  private final SpreadSessions sessions;
  private volatile Runnable onUp = () -> {};
  private final AtomicInteger losses = new AtomicInteger();
  private final Map<Address, String> runs = new ConcurrentHashMap<>();

  ClusterServers(NodeContext context) {
    this.context = context;
    this.members = new ClusterMembers(context.options(), context.name("cluster"));
    this.commands =
        new ClusterCommands(members, context.options(), context.timer(), this::commandLink);
    this.logging =
        context.options().waitReplicas() == 0
            ? commands
            : new ClusterCommands(members, context.options(), context.timer(), this::loggingLink);
    this.index = new SpreadIndex(context.node(), commands, context.keys());
    this.sessions = new SpreadSessions(context.node(), commands, context.keys());
    this.subscriptions =
        new ClusterSubscriptions(
            context.node(),
            context.options(),
            members,
            context.keys(),
            context.timer(),
            context.listener(),
            this::shard);
    members.watch(
        (map, before) -> {
          if (map.hasPromotedSince(before)) {
            lost();
          }
          onUp.run();
        });
  }

  /** A replica may lack the last of what its master had: nodes store again what is theirs. */
  private void lost() {
    losses.incrementAndGet();
    index.forget();
  }

  private RedisLink commandLink(Address master) {
    Keys keys = context.keys();
    ClusterMap map = members.map();
    StartUpCheck check =
        new StartUpCheck(
            context.options(),
            map.nameAt(master, keys.checkOfShard(context.node())),
            master.equals(map.owner(keys.owner())) ? keys.owner() : null);
    return CommandLink.create(
        context,
        context.commands("-" + master.port()),
        () -> master,
        check,
        link -> up(master, link));
  }

  private RedisLink loggingLink(Address master) {
    return CommandLink.create(
        context,
        context.logging("-" + master.port()),
        () -> master,
        null,
        link -> up(master, link));
  }

  private void up(Address master, RedisLink link) {
    RedisConnection connection = link.connection();
    if (connection != null) {
      String before = runs.put(master, connection.run());
      if (before != null && !before.equals(connection.run())) {
        log.info("{}: the master was started again", master);
        lost();
      }
    }
    onUp.run();
  }

  private ShardSubscriptions shard(Address master) {
    return new ShardSubscriptions(
        master, context.name("delivery") + "-" + master.port(), members, commands, context);
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
    return index;
  }

  @Override
  public Telling telling() {
    return new SpreadTelling(commands, context.keys(), context.timer());
  }

  @Override
  public Sessions sessions() {
    return sessions;
  }

  @Override
  public IntSupplier losses() {
    return losses::get;
  }

  @Override
  public void start(Runnable up) {
    onUp = up;
    members.start();
  }

  @Override
  public void ping() {
    commands.links().forEach(RedisLink::ping);
    if (logging != commands) {
      logging.links().forEach(RedisLink::ping);
    }
    subscriptions.links().forEach(RedisLink::ping);
  }

  @Override
  public void tidy() {
    index.keep(subscriptions.rooms());
    sessions.tidy();
  }

  @Override
  public void close() {
    members.close();
    subscriptions.close();
    commands.close();
    logging.close();
  }
}
