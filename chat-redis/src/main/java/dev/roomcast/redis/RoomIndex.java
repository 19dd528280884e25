package dev.roomcast.redis;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What leads to rooms: the list of all, those in which a node has sessions, and those of an owner.
 * On one server most of it is kept by the scripts that change a room, in the same step.
 * Thread-safe.
 */
interface RoomIndex {

  /** The keys of a script: the room's own, and others where a script may touch those too. */
  List<String> keys(List<String> ofRoom, String... others);

  /** Changes a session's membership, after what was asked about it before. */
  <T> CompletableFuture<T> inOrder(
      String room, String session, Supplier<CompletableFuture<T>> change);

  /** Joins a session, after it is noted that this node is about to have one in the room. */
  <T> CompletableFuture<T> enter(String room, Supplier<CompletableFuture<T>> join);

  /** Notes that there is a room. */
  CompletableFuture<Void> exists(String room);

  /** Notes that a room is over. */
  void over(String room);

  /** Names between two bounds as {@code ZRANGEBYLEX} has them, in the order of their bytes. */
  CompletableFuture<List<String>> names(byte[] from, byte[] to, int limit);

  /** Some names, any. */
  CompletableFuture<List<String>> some(int count);

  /** Some of the rooms in which a node may have sessions. */
  CompletableFuture<List<String>> ofNode(String node, int count);

  /** A node, which is dead, has no session in a room any more. */
  CompletableFuture<Void> left(String node, String room);

  /** Takes a place among the rooms of an owner; false when there are too many. */
  CompletableFuture<Boolean> reserve(String owner, String room, int most);

  /** Gives a place among the rooms of an owner back. */
  CompletableFuture<Void> release(String owner, String room);

  /** Notes again what may have been lost, for rooms that this node listens to. */
  void keep(Collection<String> rooms);
}
