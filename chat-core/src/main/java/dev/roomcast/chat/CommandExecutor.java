package dev.roomcast.chat;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Does what the commands of one session ask for.
 *
 * <p>Pipelined commands ask the authorizer at the same time, but go on in the order sent: see
 * {@link CommandTurns}. Confined to the session's {@link CommandLine}, which begins one command at
 * a time.
 */
final class CommandExecutor {

  private final ChatNode node;
  private final ClientSession session;
  private final CommandTurns turns;
  private Moderation.@Nullable Voice voice;

  CommandExecutor(ChatNode node, ClientSession session) {
    this.node = node;
    this.session = session;
    this.turns = new CommandTurns(node, session);
  }

  /** Begins a command; its slot is told when it is done, with the reply. */
  void execute(Command command, CommandLine.Slot slot) {
    try {
      if (command instanceof Command.Intercepted intercepted) {
        intercepted(intercepted, slot);
      } else if (command instanceof Command.Message message) {
        message(message, slot);
      } else if (command instanceof Command.Event event) {
        event(event, slot);
      } else if (command instanceof Command.Edit edit) {
        edit(edit, slot);
      } else if (command instanceof Command.Delete delete) {
        delete(delete, slot);
      } else if (command instanceof Command.React react) {
        react(react, slot);
      } else if (command instanceof Command.Read read) {
        read(read, slot);
      } else if (command instanceof Command.Direct direct) {
        direct(direct, slot);
      } else if (command instanceof Command.Conversations conversations) {
        conversations(conversations, slot);
      } else if (command instanceof Command.Block block) {
        block(block, slot);
      } else if (command instanceof Command.Typing typing) {
        typing(typing, slot);
      } else if (command instanceof Command.Join join) {
        join(join, slot);
      } else if (command instanceof Command.Leave leave) {
        leave(leave, slot);
      } else if (command instanceof Command.ReadHistory history) {
        history(history, slot);
      } else if (command instanceof Command.Members members) {
        members(members, slot);
      } else if (command instanceof Command.Rooms rooms) {
        rooms(rooms, slot);
      } else if (command instanceof Command.Manage manage) {
        manage(manage, slot);
      } else if (command instanceof Command.Ping ping) {
        slot.done(Frame.single(FrameWriter.pong(ping.id(), ping.ts())));
      } else if (command instanceof Command.Auth auth) {
        auth(auth, slot);
      } else if (command instanceof Command.Invalid invalid) {
        node.counters().invalidCommands.increment();
        turns.refuse(command, slot, invalid.problem());
      }
    } catch (RuntimeException | Error e) { // whatever it is: those behind it wait for its answer
      turns.refuse(command, slot, e);
    }
  }

  /** Asks the application first; nothing else of the session is under way meanwhile. */
  private void intercepted(Command.Intercepted command, CommandLine.Slot slot) {
    node.hooks()
        .intercept(InterceptedCommand.of(node, session, command.frame()))
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                turns.refuse(command, slot, failure);
              } else if (result instanceof CommandInterceptor.Effect effect) {
                execute(node.reader().command(command, effect.command().tree()), slot);
              } else if (result instanceof CommandInterceptor.Reply reply) {
                slot.done(
                    reply.object() == null
                        ? null
                        : Frame.single(FrameWriter.application(command.id(), reply.object())));
              }
            });
  }

  private void message(Command.Message command, CommandLine.Slot slot) {
    inRoom(command.room());
    if (turns.isFree() && hasVoice(command.room())) {
      publish(command, command, slot); // as nearly all do: no stages for what is known
      return;
    }
    CompletionStage<Standings.Standing> allowed =
        maySpeak(Authorizer.Action.PUBLISH, command.room());
    CompletionStage<Command.Message> checked =
        AtOnce.then(allowed, standing -> node.hooks().beforeLogged(session.user(), command));
    boolean now = isNow(allowed, command.room());
    turns.inTurn(
        command,
        slot,
        () ->
            AtOnce.then(
                checked,
                message ->
                    AtOnce.then(
                        now ? allowed : still(Authorizer.Action.PUBLISH, command.room()),
                        standing -> AtOnce.then(pace(command, standing), paced -> checked))),
        message -> publish(command, message, slot));
  }

  private boolean hasVoice(String room) {
    Moderation.Voice now = node.moderation().voice(session.user(), room, voice);
    if (!Objects.equals(now, voice)) {
      voice = now;
    }
    return now != null;
  }

  /** Logs a message, as a hook made it of the command. */
  private void publish(Command.Message command, Command.Message message, CommandLine.Slot slot) {
    session.attendance().typing().end(command.room());
    long ts = node.clock().millis();
    Draft draft = Conversations.draft(message, session.user(), ts, key(command.key()));
    publish(command, slot, command.room(), draft);
  }

  /** Whether the user may, and in a conversation there is somebody to hear it. */
  private CompletionStage<Standings.Standing> maySpeak(Authorizer.Action action, String room) {
    CompletionStage<Standings.Standing> allowed = node.authorize(session.user(), action, room);
    return Conversation.is(room)
        ? AtOnce.then(
            allowed,
            standing ->
                AtOnce.then(
                    node.conversations().isSomebodyThere(session.user(), room), there -> allowed))
        : allowed;
  }

  /**
   * Whether an answer is of this moment, and the command goes on in it: nothing was or will be
   * waited for, nor any code called that may take its time.
   */
  private boolean isNow(CompletionStage<Standings.Standing> allowed, String room) {
    return turns.isFree()
        && AtOnce.has(allowed)
        && node.hooks().decideAtOnce()
        && !Conversation.is(room);
  }

  /** Whether the user is muted or banned by now: the answers of before may be some time old. */
  private CompletionStage<Standings.Standing> still(Authorizer.Action action, String room) {
    return node.moderation().still(session.user(), action, room);
  }

  private CompletionStage<@Nullable Void> pace(
      Command.Message command, Standings.Standing standing) {
    return node.moderation().pace(session.user(), command.room(), command.key(), standing.role());
  }

  private void manage(Command.Manage command, CommandLine.Slot slot) {
    RoomAction action = command.action();
    allowed(
        command,
        slot,
        action.permission(),
        command.room(),
        () ->
            turns.finish(
                command,
                slot,
                node.keeper().carryOut(session.user(), command.room(), action),
                done -> answer(command)));
  }

  private @Nullable Frame answer(Command.Manage command) {
    if (command.action() instanceof RoomAction.Create create) {
      return Frame.single(
          FrameWriter.created(
              FrameWriter.reply("created", command.id()), command.room(), create.change()));
    }
    return ack(command, node.clock().millis());
  }

  private void event(Command.Event command, CommandLine.Slot slot) {
    inRoom(command.room());
    CompletionStage<Standings.Standing> allowed = maySpeak(Authorizer.Action.EVENT, command.room());
    inTurnIf(
        allowed,
        command,
        slot,
        Authorizer.Action.EVENT,
        command.room(),
        () -> {
          long ts = node.clock().millis();
          Json body =
              FrameWriter.eventBody(
                  command.room(), command.name(), command.data(), session.user(), ts);
          if (!command.ephemeral()) {
            publish(command, slot, command.room(), new Draft(body, ts, key(command.key())));
            return;
          }
          turns.finish(
              command,
              slot,
              node.broker().announce(command.room(), body),
              done -> ack(command, ts));
        });
  }

  private void publish(Command command, CommandLine.Slot slot, String room, Draft draft) {
    turns.finish(command, slot, node.publish(room, draft), logged -> ack(command, logged));
  }

  private void edit(Command.Edit command, CommandLine.Slot slot) {
    inRoom(command.room());
    CompletionStage<Command.Edit> checked =
        node.authorize(session.user(), Authorizer.Action.EDIT, command.room())
            .thenCompose(allowed -> node.hooks().beforeLogged(session.user(), command));
    turns.inTurn(
        command,
        slot,
        () ->
            checked.thenCompose(
                edit -> still(Authorizer.Action.EDIT, command.room()).thenApply(standing -> edit)),
        edit -> changed(command, slot, node.changes().edit(session.user(), edit)));
  }

  private void delete(Command.Delete command, CommandLine.Slot slot) {
    inRoom(command.room());
    changed(command, slot, node.changes().delete(session.user(), command));
  }

  private void react(Command.React command, CommandLine.Slot slot) {
    inRoom(command.room());
    allowed(
        command,
        slot,
        Authorizer.Action.REACT,
        command.room(),
        () -> changed(command, slot, node.changes().react(session.user(), command)));
  }

  private void read(Command.Read command, CommandLine.Slot slot) {
    inRoom(command.room());
    allowed(
        command,
        slot,
        Authorizer.Action.HISTORY,
        command.room(),
        () ->
            turns.finish(command, slot, node.marks().read(session.user(), command), done -> null));
  }

  private void direct(Command.Direct command, CommandLine.Slot slot) {
    Json re = command.id();
    turns.finish(
        command,
        slot,
        node.conversations().direct(session.user(), command, key(command.key())),
        sent -> {
          if (re == null) {
            return null;
          }
          JsonText start = FrameWriter.reply("ack", re).field("room", sent.room());
          return Frame.single(FrameWriter.ack(start, sent.ack()));
        });
  }

  private void conversations(Command.Conversations command, CommandLine.Slot slot) {
    String user = session.user().id();
    turns.finish(
        command,
        slot,
        node.broker().conversations(user, command.after(), command.limit()),
        page -> Frame.single(FrameWriter.conversations(command.id(), user, page)));
  }

  private void block(Command.Block command, CommandLine.Slot slot) {
    turns.finish(
        command,
        slot,
        node.conversations().block(session.user(), command),
        done -> ack(command, node.clock().millis()));
  }

  /** Answers when a message was changed, or was to be changed into what it is. */
  private void changed(Command command, CommandLine.Slot slot, CompletionStage<@Nullable Ack> ack) {
    turns.finish(
        command,
        slot,
        ack,
        logged -> logged == null ? ack(command, node.clock().millis()) : ack(command, logged));
  }

  /** Says that something is done which is not in the log; nothing to who did not ask. */
  private static @Nullable Frame ack(Command command, long ts) {
    Json re = command.id();
    return re == null ? null : Frame.single(FrameWriter.plainAck(FrameWriter.reply("ack", re), ts));
  }

  /** Says where something is in the log; nothing to who did not ask. */
  private static @Nullable Frame ack(Command command, Ack logged) {
    Json re = command.id();
    return re == null ? null : Frame.single(FrameWriter.ack(FrameWriter.reply("ack", re), logged));
  }

  /** Keys are the user's own: two users' keys never meet. */
  private @Nullable String key(@Nullable String key) {
    return key == null ? null : session.user().id() + '\n' + key;
  }

  private void typing(Command.Typing command, CommandLine.Slot slot) {
    inRoom(command.room());
    allowed(
        command,
        slot,
        Authorizer.Action.PUBLISH,
        command.room(),
        () -> {
          if (command.active()) {
            session.attendance().typing().start(command.room());
          } else {
            session.attendance().typing().end(command.room());
          }
          slot.done(null);
        });
  }

  private void join(Command.Join command, CommandLine.Slot slot) {
    ChatException full = session.attendance().mayEnter(command.room());
    if (full != null) {
      throw full;
    }
    allowed(
        command,
        slot,
        Authorizer.Action.JOIN,
        command.room(),
        () ->
            turns.finish(
                command,
                slot,
                node.localRooms().join(session, command),
                done -> null)); // the room itself sent "joined", before the first live frame
  }

  private void leave(Command.Leave command, CommandLine.Slot slot) {
    inRoom(command.room());
    turns.finish(
        command,
        slot,
        session.attendance().leave(command.room()),
        done -> Frame.single(FrameWriter.left(command.id(), command.room(), "left")));
  }

  private void history(Command.ReadHistory command, CommandLine.Slot slot) {
    allowed(
        command,
        slot,
        Authorizer.Action.HISTORY,
        command.room(),
        () ->
            turns.finish(
                command,
                slot,
                node.readHistory(command.room(), command.query()),
                page ->
                    Frame.single(
                        FrameWriter.history(
                            FrameWriter.reply("history", command.id()), command.room(), page))));
  }

  private void members(Command.Members command, CommandLine.Slot slot) {
    allowed(
        command,
        slot,
        Authorizer.Action.PRESENCE,
        command.room(),
        () ->
            turns.finish(
                command,
                slot,
                node.rooms().members(command.room(), command.after(), command.limit()),
                page ->
                    Frame.single(
                        FrameWriter.members(
                            FrameWriter.reply("members", command.id()), command.room(), page))));
  }

  private void rooms(Command.Rooms command, CommandLine.Slot slot) {
    turns.finish(
        command,
        slot,
        node.listRooms(session.user(), command.prefix(), command.after(), command.limit()),
        page -> Frame.single(FrameWriter.rooms(FrameWriter.reply("rooms", command.id()), page)));
  }

  private void auth(Command.Auth command, CommandLine.Slot slot) {
    turns.finish(
        command,
        slot,
        node.hooks().authenticate(session.renewal(command.token())).thenApply(session::renew),
        expires -> Frame.single(FrameWriter.authenticated(command.id(), expires)));
  }

  private void inRoom(String room) {
    ChatException problem = session.attendance().notIn(room);
    if (problem != null) {
      throw problem;
    }
  }

  private void allowed(
      Command command,
      CommandLine.Slot slot,
      Authorizer.Action action,
      String room,
      Runnable then) {
    inTurnIf(node.authorize(session.user(), action, room), command, slot, action, room, then);
  }

  /** Goes on in turn when it is allowed, and still is then. */
  private void inTurnIf(
      CompletionStage<Standings.Standing> allowed,
      Command command,
      CommandLine.Slot slot,
      Authorizer.Action action,
      String room,
      Runnable then) {
    boolean now = isNow(allowed, room);
    turns.inTurn(
        command,
        slot,
        () -> AtOnce.then(allowed, before -> now ? allowed : still(action, room)),
        standing -> then.run());
  }
}
