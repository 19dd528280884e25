package dev.roomcast.chat;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletionStage;

/**
 * The retained log of a room as JSON lines, a piece at a time, from the oldest publication up to
 * the newest at the moment when it was asked for.
 *
 * <p>Confined to whoever asks, one piece after the other.
 */
public final class RoomExport {

  /** Publications in a piece. */
  static final int PAGE = 500;

  private final ChatNode node;
  private final String room;
  private final Position top;
  private long done;

  RoomExport(ChatNode node, String room, Position top) {
    this.node = node;
    this.room = room;
    this.top = top;
  }

  /**
   * Returns the next lines in UTF-8, each a logged frame and a line feed; nothing at the end.
   *
   * @return exceptionally a {@link ChatException}, {@link ErrorCode#UNAVAILABLE} also when the log
   *     was ended meanwhile: what came so far is not all
   */
  public CompletionStage<byte[]> next() {
    return node.broker()
        .history(room, new HistoryQuery.After(done, PAGE))
        .thenApply(
            page -> {
              if (!page.top().epoch().equals(top.epoch())) {
                throw new ChatException(ErrorCode.UNAVAILABLE, "the log was ended meanwhile");
              }
              ByteArrayOutputStream lines = new ByteArrayOutputStream();
              for (Publication publication : page.publications()) {
                if (publication.offset() <= top.offset()) {
                  lines.writeBytes(FrameWriter.logged(publication));
                  lines.write('\n');
                  done = publication.offset();
                }
              }
              return lines.toByteArray();
            });
  }
}
