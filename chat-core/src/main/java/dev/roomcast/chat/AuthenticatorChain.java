package dev.roomcast.chat;

import java.util.List;

/** Asks several authenticators; the first that knows the credential decides. Immutable. */
final class AuthenticatorChain implements Authenticator.Expiring {

  private final List<Authenticator> links;

  AuthenticatorChain(List<Authenticator> links) {
    if (links.isEmpty()) {
      throw new IllegalArgumentException("a chain of one authenticator or more expected");
    }
    this.links = List.copyOf(links);
  }

  @Override
  public Credential verify(ConnectRequest request) {
    ChatException first = null;
    for (Authenticator link : links) {
      if (link instanceof GuestAuthenticator && request.bearerToken() != null) {
        continue; // a credential that nobody knows makes no guest
      }
      try {
        return verify(link, request);
      } catch (ChatException e) {
        if (!e.isUnrecognized()) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    throw first != null ? first : ChatException.unrecognized("token: not valid here");
  }

  /** Asks one authenticator, of whichever kind. */
  static Credential verify(Authenticator authenticator, ConnectRequest request) {
    return authenticator instanceof Expiring expiring
        ? expiring.verify(request)
        : new Credential(authenticator.authenticate(request), null);
  }

  /** Whether guests are let in by one of these. */
  static boolean hasGuests(Authenticator authenticator) {
    return authenticator instanceof GuestAuthenticator
        || authenticator instanceof AuthenticatorChain chain
            && chain.links.stream().anyMatch(AuthenticatorChain::hasGuests);
  }
}
