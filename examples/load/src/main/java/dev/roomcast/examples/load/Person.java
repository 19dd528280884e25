package dev.roomcast.examples.load;

import java.util.List;

/**
 * A client, as it is judged when all is over. Immutable, but for its tracks.
 *
 * @param stopped whether it is gone for good
 * @param rooms those it wants to be in
 */
record Person(String user, boolean stopped, List<String> rooms, List<Track> tracks) {

  Person {
    rooms = List.copyOf(rooms);
    tracks = List.copyOf(tracks);
  }
}
