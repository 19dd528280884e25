package dev.roomcast.chat;

/** Lets everybody in under the name that they give. Stateless. */
final class GuestAuthenticator implements Authenticator {

  @Override
  public User authenticate(ConnectRequest request) {
    User known = request.sessionUser();
    if (known != null && known.id().startsWith("guest-")) {
      return known;
    }
    String name = request.parameter("name");
    if (name == null || name.isBlank()) {
      throw ChatException.unrecognized(
          "name: a guest's name expected in the query, as in ?name=Ann");
    }
    return new User("guest-" + Ids.random(12), name.strip());
  }
}
