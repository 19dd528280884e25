package dev.roomcast.chat;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * The usual rules: public rooms are free for all, private ones for their owner, their moderators
 * and who was invited.
 *
 * <pre>{@code
 * RoomAccess access = RoomAccess.builder().moderator("u42").build();
 * }</pre>
 *
 * <p>An owner invites, appoints moderators, changes the settings and ends the room. Owner and
 * moderators mute, kick and ban others and delete their messages. A moderator of the whole service
 * may do all that everywhere. Everybody may create rooms, as many as the {@link Limits} allow.
 *
 * <p>What has to be known of a room and a user the node has at hand: asking costs nothing. A node
 * without an authorizer of its own has these rules, without moderators of the service. Immutable.
 */
public final class RoomAccess implements Authorizer.Informed {

  private final Set<String> moderators;

  private RoomAccess(Builder builder) {
    moderators = Set.copyOf(builder.moderators);
  }

  /** Returns a builder of rules. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public boolean allows(User user, Action action, String room, RoomManager.Role role) {
    if (role.owner() || moderators.contains(user.id())) {
      return true;
    }
    return switch (action) {
      case CREATE, DIRECT -> true;
      case JOIN, PUBLISH, EVENT, HISTORY, PRESENCE, EDIT, REACT ->
          !role.isPrivate() || role.invited() || role.moderator();
      case MODERATE -> role.moderator();
      case INVITE, DESTROY -> false;
    };
  }

  /** Collects who may do more than others. Confined to one thread. */
  public static final class Builder {
    private final Set<String> moderators = new HashSet<>();

    private Builder() {}

    /** Lets a user moderate every room, and the whole service. */
    public Builder moderator(String userId) {
      moderators.add(Objects.requireNonNull(userId, "userId"));
      return this;
    }

    /** Returns the rules. */
    public RoomAccess build() {
      return new RoomAccess(this);
    }
  }
}
