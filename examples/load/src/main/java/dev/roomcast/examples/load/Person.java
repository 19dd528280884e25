package dev.roomcast.examples.load;

import java.util.List;

/**
 * A client, as it is judged when all is over. Immutable, but for its tracks.
 *
 * @param stopped whether it is gone for good
 * @param rooms those it wants to be in
 * @param conversations what it saw of them
 */
record Person(
    String user,
    boolean stopped,
    List<String> rooms,
    List<Track> tracks,
    List<Track> conversations) {

  Person(String user, boolean stopped, List<String> rooms, List<Track> tracks) {
    this(user, stopped, rooms, tracks, List.of());
  }

  Person {
    rooms = List.copyOf(rooms);
    tracks = List.copyOf(tracks);
    conversations = List.copyOf(conversations);
  }
}
