package dev.roomcast.examples.benchmarks;

/** Who is with whom, and how much is said. Immutable. */
enum Shape {
  /** Ten people in a room, each of whom says something once a minute. */
  SMALL_ROOMS("many small rooms", 10, 10 / 60.0),
  /** Fifty thousand in a room, in which five things a second are said. */
  HUGE_ROOMS("few huge rooms", 50_000, 5),
  /** All in one room, to which something is said once a second. */
  BROADCAST("one broadcast", Double.POSITIVE_INFINITY, 1);

  final String title;
  private final double members;
  final double messagesPerRoom;

  Shape(String title, double members, double messagesPerRoom) {
    this.title = title;
    this.members = members;
    this.messagesPerRoom = messagesPerRoom;
  }

  /** How many are in a room when so many are there at all. */
  double members(double connections) {
    return Math.min(members, connections);
  }

  double rooms(double connections) {
    return connections / members(connections);
  }
}
