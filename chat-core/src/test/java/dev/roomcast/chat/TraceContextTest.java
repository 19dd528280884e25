package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of a trace, and what becomes of it. */
class TraceContextTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  @Test
  void aValidHeaderIsRead() {
    TraceContext trace = TraceContext.read(PARENT);
    assertNotNull(trace);
    assertEquals(TRACE, trace.traceId());
    assertEquals("00f067aa0ba902b7", trace.parentId());
    assertTrue(trace.sampled());
    assertEquals(PARENT, trace.toString());
    TraceContext later = TraceContext.read("cc" + PARENT.substring(2) + "-what-the-future-brings");
    assertNotNull(later);
    assertEquals(TRACE, later.traceId());
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473:-00f067aa0ba902b7-01"
      })
  void whatIsNotValidCountsAsNone(String header) {
    assertNull(TraceContext.read(header));
  }

  @Test
  void anApplicationCannotMakeUpAnotherForm() {
    assertThrows(IllegalArgumentException.class, () -> new TraceContext("1:2"));
  }

  @Test
  void aTraceGoesWithThePublicationToOtherNodesAndToNoClient() {
    ChatNode here = nodes.start(StillNodes.LIMITS);
    ChatNode there = nodes.start(StillNodes.LIMITS);
    Client ann = Client.connect(there, "Ann");
    ann.join("general");
    here.writes()
        .traced(TraceContext.read(PARENT))
        .event("general", "{\"name\":\"paid\",\"data\":1}", null)
        .toCompletableFuture()
        .join();
    here.writes()
        .event("general", "{\"name\":\"paid\",\"data\":2}", null)
        .toCompletableFuture()
        .join();
    History history =
        there.room("general").history(new HistoryQuery.Newest(10)).toCompletableFuture().join();
    TraceContext trace = history.publications().get(0).trace();
    assertNotNull(trace);
    assertEquals(PARENT, trace.traceparent());
    assertNull(history.publications().get(1).trace());
    assertEquals(2, ann.awaitFrames("event", 2).size());
    assertFalse(ann.transport.texts().toString().contains(TRACE));
  }
}
