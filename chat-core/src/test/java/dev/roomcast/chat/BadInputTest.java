package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client is told of bad fields inside fields. */
class BadInputTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'join','room':'r','since':{'offset':1}} | since.epoch: missing, a string expected",
        "{'type':'join','room':'r','since':{'epoch':'e'}} "
            + "| since.offset: a whole number from 0 on expected",
        "{'type':'join','room':'r','since':{'epoch':'e','offset':-1}} "
            + "| since.offset: a whole number from 0 on expected",
        "{'type':'auth','token':'\\ud800'} "
            + "| token: is not valid Unicode (an unpaired surrogate)",
        "{'type':'event','room':'r','name':'n','data':['\\ud800']} "
            + "| data: is not valid Unicode (an unpaired surrogate)"
      },
      quoteCharacter = '`')
  void theFieldIsNamed(String frame, String message) {
    Command command = new CommandReader(Limits.DEFAULTS).read(frame.replace('\'', '"'));
    ChatException problem = assertInstanceOf(Command.Invalid.class, command).problem();
    assertEquals(ErrorCode.BAD_REQUEST, problem.code());
    assertEquals(message, problem.getMessage());
  }

  @Test
  void halfACharacterIsToldWithTheIdOfItsFrame() {
    Command command =
        new CommandReader(Limits.DEFAULTS)
            .read("{\"type\":\"message\",\"id\":7,\"room\":\"r\",\"text\":\"a\\ud83d\"}");
    assertEquals(Json.value(7), command.id());
  }
}
