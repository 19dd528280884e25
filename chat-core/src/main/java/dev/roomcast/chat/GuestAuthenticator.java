package dev.roomcast.chat;

/** Lets everybody in under the name that they give. Stateless. */
final class GuestAuthenticator implements Authenticator {

  private static final String PREFIX = "guest-";

  @Override
  public User authenticate(ConnectRequest request) {
    User known = request.sessionUser();
    if (known != null && isGuest(known)) {
      return known;
    }
    String name = request.parameter("name");
    if (name == null || name.isBlank()) {
      throw ChatException.unrecognized(
          "name: a guest's name expected in the query, as in ?name=Ann");
    }
    return new User(PREFIX + Ids.random(12), name.strip());
  }

  static boolean isGuest(User user) {
    return user.id().startsWith(PREFIX);
  }
}
