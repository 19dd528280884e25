package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which offers of compression are accepted, and with which words. */
class DeflateOffersTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "permessage-deflate|+",
        "permessage-deflate; client_max_window_bits|+",
        "permessage-deflate; client_max_window_bits=10|+",
        "permessage-deflate;server_no_context_takeover ; client_no_context_takeover|+",
        "permessage-deflate; server_max_window_bits=15|+; server_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=\"15\"|+; server_max_window_bits=15",
        "x-other, permessage-deflate|+",
        "permessage-deflate; server_max_window_bits=10, permessage-deflate|+",
        "permessage-deflate; server_max_window_bits=10|-",
        "permessage-deflate; server_max_window_bits|-",
        "permessage-deflate; server_max_window_bits=16|-",
        "permessage-deflate; client_max_window_bits=7|-",
        "permessage-deflate; client_max_window_bits=08|-",
        "permessage-deflate; client_no_context_takeover=1|-",
        "permessage-deflate; client_no_context_takeover=|-",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover|-",
        "permessage-deflate; mux|-",
        "permessage-deflate;|-",
        "x-webkit-deflate-frame|-",
        "permessage|-",
        "-|-"
      })
  void offersAreAcceptedOnlyAsTheyCanBeKept(String offer, String answer) {
    String expected =
        answer == null
            ? null
            : answer.replace(
                "+", "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    assertEquals(expected, DeflateOffers.accept(offer));
  }
}
