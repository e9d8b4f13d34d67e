package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.wire.Challenge;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.PageRequest;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.Running;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A source validates everything that it receives: before RUN, the VM continues at the source. */
class MisbehavingDestinationTest {
  private static final int TOO_LONG = 17 << 20;

  /** Long enough for the source to notice the closed connection, and shorter than its timeout. */
  private static final Duration REFUSAL_DELAY = Duration.ofMillis(20);

  @RegisterExtension private final Processes processes = new Processes();

  /** How a destination serves the connections of the source. */
  interface Script {
    void play(ServerSocket listening) throws IOException;
  }

  static Stream<Arguments> invalidFrames() {
    return Stream.of(
        answer("another id", "the peer answered another hello", h -> h.setMigrationId(bytes(16))),
        answer("another attempt", "the peer answered another hello", h -> h.setAttempt(9)),
        answer("a short key", "secret of 3 bytes", h -> h.setSessionKey(bytes(3))),
        answer("an old version", "version 3", h -> h.setVersion(3)),
        first("a short challenge", "challenge of 3 bytes", challenge(3)),
        first("unexpected token challenge", "asks for a token", challenge(32)),
        first("unexpected session key challenge", "asks for the session key", forSessionKey()),
        first("READY for an answer", "READY frame instead of a hello", ready()),
        first("text with escapes", "refused: go [31maway", failure("go\u001b[31maway")),
        later("READY too early", "unexpected READY", ready()),
        later("RUNNING before RUN", "RUNNING", running()),
        later("COMPLETED before RUN", "COMPLETED", completed()),
        later("a request before RUN", "request", request()),
        later("pages", "run of pages", FakeSource.run(0, 0, 1, Encoding.ENCODING_ZERO, 0)),
        later("RUN", "RUN", Frame.newBuilder().setRun(Run.getDefaultInstance()).build()),
        later("unknown round", "unexpected end of round 1", round()),
        later("unexpected recovery", "RECOVERY", recovery()),
        later("unexpected page set", "RECEIVED", received()),
        later("an empty header", "header of 0 bytes", Frame.getDefaultInstance()),
        Arguments.of("late refusal", "no room", (Script) MisbehavingDestinationTest::refuseLate),
        Arguments.of(
            "a long header",
            "header of " + TOO_LONG,
            afterHello(MisbehavingDestinationTest::writeLength)));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidFrames")
  void invalidDataBeforeRunLeavesTheVmAtTheSource(String name, String named, Script script)
      throws Exception {
    try (ServerSocket listening = Ports.listen()) {
      Thread.ofVirtual().start(() -> play(script, listening));
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + listening.getLocalPort(),
              "--ram=16m",
              "--rehearsal=0ms",
              "--quiet");
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err())
          .singleElement()
          .asString()
          .startsWith("faultline: ")
          .contains(List.of(named, "the VM continues here"));
    }
  }

  private static void play(Script script, ServerSocket listening) {
    try {
      script.play(listening);
    } catch (IOException e) {
      assertThat(listening).as("closed by the source or the test").isNotNull();
    }
  }

  /** A change to a valid hello. */
  interface Change {
    void of(Hello.Builder answer);
  }

  private static Arguments answer(String name, String named, Change change) {
    return Arguments.of(
        name,
        named,
        onHello(
            hello -> {
              Hello.Builder answer = Hellos.answer(hello).getHello().toBuilder();
              change.of(answer);
              return Frame.newBuilder().setHello(answer).build();
            }));
  }

  private static Arguments first(String name, String named, Frame frame) {
    return Arguments.of(name, named, onHello(hello -> frame));
  }

  /** Sends one frame in reply to the first hello. */
  private static Script onHello(Function<Hello, Frame> reply) {
    return listening -> {
      try (Socket control = listening.accept()) {
        Frame hello = Frame.parseDelimitedFrom(control.getInputStream());
        assertThat(hello.hasHello()).isTrue();
        send(control, reply.apply(hello.getHello()));
        control.getInputStream().readAllBytes();
      }
    };
  }

  private static Arguments later(String name, String named, Frame frame) {
    return Arguments.of(name, named, afterHello(out -> WrittenFrame.write(frame, out)));
  }

  /** Writes to the control connection. */
  interface Message {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Sends a message once both connections are established. */
  private static Script afterHello(Message message) {
    return listening -> {
      try (Socket control = FakeDestination.accept(listening);
          Socket bulk = FakeDestination.accept(listening)) {
        assertThat(bulk.isConnected()).isTrue();
        message.writeTo(control.getOutputStream());
        control.getInputStream().readAllBytes();
      }
    };
  }

  /** Closes the bulk connection, and only later sends the reason on the control connection. */
  private static void refuseLate(ServerSocket listening) throws IOException {
    try (Socket control = FakeDestination.accept(listening)) {
      FakeDestination.accept(listening).close();
      LockSupport.parkNanos(REFUSAL_DELAY.toNanos());
      send(control, failure("no room"));
      control.getInputStream().readAllBytes();
    }
  }

  private static void send(Socket to, Frame frame) throws IOException {
    WrittenFrame.write(frame, to.getOutputStream());
  }

  /** Writes the varint length of a header that is longer than the limit. */
  private static void writeLength(OutputStream out) throws IOException {
    int left = TOO_LONG;
    while (left > 0x7f) {
      out.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }

  private static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private static Frame challenge(int bytes) {
    return Frame.newBuilder().setChallenge(Challenge.newBuilder().setNonce(bytes(bytes))).build();
  }

  private static Frame forSessionKey() {
    Challenge.Builder challenge = Challenge.newBuilder().setNonce(bytes(32)).setSessionKey(true);
    return Frame.newBuilder().setChallenge(challenge).build();
  }

  private static Frame ready() {
    return Frame.newBuilder().setReady(Ready.getDefaultInstance()).build();
  }

  private static Frame running() {
    return Frame.newBuilder().setRunning(Running.getDefaultInstance()).build();
  }

  private static Frame completed() {
    return Frame.newBuilder().setCompleted(Completed.getDefaultInstance()).build();
  }

  private static Frame request() {
    return Frame.newBuilder().setRequest(PageRequest.newBuilder().setPage(1)).build();
  }

  private static Frame round() {
    return Frame.newBuilder().setRoundReceived(RoundReceived.newBuilder().setRound(1)).build();
  }

  private static Frame recovery() {
    Recovery running = Recovery.newBuilder().setPhase(Phase.PHASE_RUNNING).build();
    return Frame.newBuilder().setRecovery(running).build();
  }

  private static Frame received() {
    return Frame.newBuilder().setReceived(PageSet.newBuilder().setLast(true)).build();
  }

  private static Frame failure(String message) {
    return Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(message)).build();
  }
}
