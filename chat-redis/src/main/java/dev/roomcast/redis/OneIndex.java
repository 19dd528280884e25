package dev.roomcast.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import redis.clients.jedis.Protocol.Command;

/** The index of rooms on one server: scripts keep it. Immutable; thread-safe. */
final class OneIndex implements RoomIndex {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final Commands commands;
  private final Keys keys;

  OneIndex(Commands commands, Keys keys) {
    this.commands = commands;
    this.keys = keys;
  }

  @Override
  public List<String> keys(List<String> ofRoom, String... others) {
    List<String> all = new ArrayList<>(ofRoom.size() + others.length);
    all.addAll(ofRoom);
    all.addAll(List.of(others));
    return all;
  }

  @Override
  public <T> CompletableFuture<T> inOrder(
      String room, String session, Supplier<CompletableFuture<T>> change) {
    return change.get();
  }

  @Override
  public <T> CompletableFuture<T> enter(String room, Supplier<CompletableFuture<T>> join) {
    return join.get();
  }

  @Override
  public CompletableFuture<Void> exists(String room) {
    return DONE;
  }

  @Override
  public void over(String room) {
    // The script that found it has taken it off.
  }

  @Override
  public CompletableFuture<List<String>> names(byte[] from, byte[] to, int limit) {
    return commands
        .call(Command.ZRANGEBYLEX, keys.rooms(), from, to, "LIMIT", 0, limit)
        .thenApply(Replies::texts);
  }

  @Override
  public CompletableFuture<List<String>> some(int count) {
    return commands.call(Command.ZRANDMEMBER, keys.rooms(), count).thenApply(Replies::texts);
  }

  @Override
  public CompletableFuture<List<String>> ofNode(String node, int count) {
    return commands
        .call(Command.SRANDMEMBER, keys.nodeRooms(node), count)
        .thenApply(Replies::texts);
  }

  @Override
  public CompletableFuture<Void> left(String node, String room) {
    return DONE;
  }

  @Override
  public CompletableFuture<Boolean> reserve(String owner, String room, int most) {
    return CompletableFuture.completedFuture(true); // the script that creates the room does it
  }

  @Override
  public CompletableFuture<Void> release(String owner, String room) {
    return commands.call(Command.SREM, keys.ownRooms(owner), room).thenAccept(done -> {});
  }

  @Override
  public void keep(Collection<String> rooms) {
    // It is lost together with the rooms, or not at all.
  }
}
