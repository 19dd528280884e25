package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;

/**
 * The names of all keys and channels, and the only class that knows them.
 *
 * <p>All begin with the namespace. What belongs to one room or session has its name in braces, so
 * that it is in one slot of a cluster; in there, {@code % : { }} and control characters are
 * percent-encoded, so that no name can look like another key. Immutable.
 */
final class Keys {

  private final String namespace;
  private final boolean ofCluster;

  Keys(String namespace) {
    this(namespace, false);
  }

  /**
   * Creates the names.
   *
   * @param ofCluster in a cluster the keys of the whole service are in one slot too
   */
  Keys(String namespace, boolean ofCluster) {
    this.namespace = namespace + ":";
    this.ofCluster = ofCluster;
  }

  /** LIST of the retained publications of a room. */
  String log(String room) {
    return of("log", room);
  }

  /** HASH with the epoch, the top and the retention of a room's log. */
  String meta(String room) {
    return of("meta", room);
  }

  /** HASH with the last batch of each publisher to a room. */
  String batches(String room) {
    return of("batches", room);
  }

  /** HASH with the idempotency keys of the present window. */
  String keys(String room) {
    return of("keys", room);
  }

  /** HASH with the idempotency keys of the window before. */
  String olderKeys(String room) {
    return of("keys-older", room);
  }

  /** HASH with up to where each user has read in a room. */
  String marks(String room) {
    return of("marks", room);
  }

  /** HASH with the names of the users of a conversation. */
  String names(String room) {
    return of("names", room);
  }

  /** ZSET of the conversations of a user by the time of their newest frame. */
  String conversations(String user) {
    return of("conversations", user);
  }

  /** SET of the users that a user has blocked. */
  String blocked(String user) {
    return of("blocked", user);
  }

  /** Channel of what is for the users on a node. */
  String inbox(String node) {
    return of("inbox", node);
  }

  /** HASH with a node's sessions in a room. */
  String seats(String room, String node) {
    return of("seats", room) + ":" + encode(node);
  }

  /** SET of the nodes with sessions in a room. */
  String roomNodes(String room) {
    return of("nodes", room);
  }

  /** ZSET of the users in a room, in the order of their ids. */
  String users(String room) {
    return of("users", room);
  }

  /** HASH with the number of sessions and the name of each user in a room. */
  String present(String room) {
    return of("present", room);
  }

  /** HASH with the settings of a created room, and a field for each of its moderators. */
  String settings(String room) {
    return of("settings", room);
  }

  /** SET of the users invited to a created room. */
  String invited(String room) {
    return of("invited", room);
  }

  /** SET of the rooms that a user created. */
  String ownRooms(String user) {
    return of("own-rooms", user);
  }

  /** ZSET of muted or banned users by the end of that; those of the service have no room. */
  String sanctions(String kind, String room) {
    return of(kind, room);
  }

  /** What a user said last in a slow room, as long as the next thing has to wait. */
  String pace(String room, String user) {
    return of("pace", room) + ":" + encode(user);
  }

  /** LIST of the newest notices to all nodes. */
  String notices() {
    return namespace + "notices:{all}";
  }

  /** The number of the last notice. */
  String lastNotice() {
    return namespace + "last-notice:{all}";
  }

  /** ZSET of all rooms with members or a log or settings, in the order of their names. */
  String rooms() {
    return namespace + "rooms";
  }

  /** In a cluster: ZSET of one part of all rooms, as {@link #rooms}. */
  String roomsPart(int part) {
    return namespace + "rooms:{rooms " + part + "}";
  }

  /** In a cluster: HASH with the times when the rooms of a part were put there. */
  String roomsPartTimes(int part) {
    return namespace + "rooms-times:{rooms " + part + "}";
  }

  /** In a cluster: ZSET of the rooms in which a node may have sessions, by when it said so. */
  String nodeLeads(String node) {
    return of("node-leads", node);
  }

  /** In a cluster: ZSET of the rooms that a user created, by when the place was taken. */
  String ownPlaces(String user) {
    return of("own-places", user);
  }

  /** In a cluster: HASH with where a user's sessions are; see places.lua. */
  String places(String user) {
    return of("places", user);
  }

  /** In a cluster: HASH with the sessions that a node stored, and their users. */
  String nodeSessionUsers(String node) {
    return of("node-session-users", node);
  }

  /** SET of the rooms in which a node has sessions. */
  String nodeRooms(String node) {
    return of("node-rooms", node);
  }

  /** HASH with a session. */
  String session(String session) {
    return of("session", session);
  }

  /** SET of the rooms of a session. */
  String sessionRooms(String session) {
    return of("session-rooms", session);
  }

  /**
   * ZSET of the sessions of a user by the time when they end, infinite while they are connected.
   */
  String userSessions(String user) {
    return of("user-sessions", user);
  }

  /** SET of the sessions that a node stored. */
  String nodeSessions(String node) {
    return of("node-sessions", node);
  }

  /** HASH with the place of a sink in a room's log, and the node that has it. */
  String cursor(String room, String sink) {
    return of("cursor", room) + ":" + encode(sink);
  }

  /** HASH with the guests' names of one skeleton, by node. */
  String guests(String skeleton) {
    return of("guests", skeleton);
  }

  /** SET of the skeletons of the names of a node's guests. */
  String nodeNames(String node) {
    return of("node-names", node);
  }

  /** ZSET of all nodes by the end of their lease. */
  String leases() {
    return namespace + "leases";
  }

  /** HASH with the bucket of a user's rate. */
  String tokens(String user) {
    return of("tokens", user);
  }

  /** The name of the application that uses the namespace. */
  String owner() {
    return namespace + "owner";
  }

  /** A key that is there for a moment only, while a node looks at its permissions. */
  String check(String node) {
    return of("check", node);
  }

  /** Channel of a room's announcements. */
  String channel(String room) {
    return of("room", room);
  }

  /** Channel of control messages to all nodes. */
  String control() {
    return namespace + "control";
  }

  /** Channel of a node's own canaries. */
  String canary(String node) {
    return of("canary", node);
  }

  /** What channels of a node's canaries begin with in a cluster: each master has one. */
  String canaryOfShard(String node) {
    return namespace + "canary-at:" + encode(node);
  }

  /** What {@link #check} begins with in a cluster: each master has one. */
  String checkOfShard(String node) {
    return namespace + "check-at:" + encode(node);
  }

  private String of(String kind, String name) {
    // Empty braces are no hash tag. A percent sign alone is no encoded name.
    return namespace + kind + ":{" + (name.isEmpty() && ofCluster ? "%" : encode(name)) + "}";
  }

  /** Percent-encodes what would be ambiguous in a key or ugly in a terminal. */
  static String encode(String name) {
    StringBuilder encoded = null;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '%' && c != ':' && c != '{' && c != '}' && !Character.isISOControl(c)) {
        if (encoded != null) {
          encoded.append(c);
        }
        continue;
      }
      if (encoded == null) {
        encoded = new StringBuilder(name.length() + 8).append(name, 0, i);
      }
      for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
        encoded.append(String.format("%%%02X", b));
      }
    }
    return encoded == null ? name : encoded.toString();
  }
}
