package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Ping;
import io.faultline.proto.wire.Role;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HellosTest {
  private static final ByteString ID = ByteString.copyFrom(new byte[Hellos.MIGRATION_ID_BYTES]);
  private final Frame hello = Hellos.hello(Role.ROLE_CONTROL, ID);

  @Test
  void helloAndItsAnswerAreAccepted() throws Exception {
    Hello accepted = Hellos.checkHello(hello);
    assertThat(accepted.getMigrationId()).isEqualTo(ID);
    Hellos.checkAnswer(Hellos.answer(accepted), hello);
    Frame again = Hellos.hello(Role.ROLE_CONTROL, ID, Set.of(), 2, 500);
    assertThatThrownBy(() -> Hellos.checkAnswer(Hellos.answer(accepted), again))
        .as("an answer to another attempt")
        .hasMessageContaining("answered another hello");
    assertThatThrownBy(() -> Hellos.checkHello(Hellos.hello(Role.ROLE_BULK, ID, Set.of(), 0, 0)))
        .hasMessageContaining("attempt 0");
    assertThatThrownBy(() -> Hellos.checkHello(Hellos.hello(Role.ROLE_BULK, ID, Set.of(), 1, -1)))
        .hasMessageContaining("4294967295 ms");
  }

  @Test
  void onlyCapabilitiesOfBothSidesAreAgreed() throws Exception {
    Set<Capability> wanted = EnumSet.of(Capability.CRC32C, Capability.ZSTD);
    Frame sent = Hellos.hello(Role.ROLE_BULK, ID, wanted, 1, 0);
    Hello.Builder more = sent.getHello().toBuilder().addCapabilities("of-tomorrow");
    Hello accepted = Hellos.checkHello(changed(more));
    assertThat(Hellos.capabilities(accepted)).containsExactly(Capability.CRC32C, Capability.ZSTD);
    Set<Capability> available = EnumSet.of(Capability.CRC32C, Capability.LZ4);
    Hello answer = Hellos.checkAnswer(Hellos.answer(accepted, available, 0), sent);
    assertThat(Hellos.agreed(wanted, Hellos.capabilities(answer)))
        .containsExactly(Capability.CRC32C);
    Hello minimal = Hellos.checkAnswer(Hellos.answer(accepted), sent);
    assertThat(Hellos.agreed(wanted, Hellos.capabilities(minimal))).isEmpty();
  }

  @Test
  void echoedHelloIsNotAcceptedAsAnAnswer() {
    assertThatThrownBy(() -> Hellos.checkAnswer(hello, hello))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("sources");
  }

  @Test
  void eachInvalidFieldIsNamed() {
    refused(Frame.newBuilder().setPing(Ping.getDefaultInstance()).build(), "PING");
    refused(changed(hello.getHello().toBuilder().setMagic(7)), "magic 0x7");
    refused(changed(hello.getHello().toBuilder().setVersion(9)), "version 9");
    refused(changed(hello.getHello().toBuilder().setRoleValue(77)), "role 77");
    refused(
        changed(hello.getHello().toBuilder().setMigrationId(ByteString.copyFromUtf8("x"))),
        "id of 1 bytes");
    Hello.Builder many = hello.getHello().toBuilder();
    for (int i = 0; i < 65; i++) {
      many.addCapabilities("c");
    }
    refused(changed(many), "65 capabilities");
    refused(changed(hello.getHello().toBuilder().addCapabilities("c".repeat(65))), "65 characters");
  }

  @Test
  void answerToAnotherHelloIsRefused() {
    Frame other = Hellos.answer(Hellos.hello(Role.ROLE_BULK, ID).getHello());
    assertThatThrownBy(() -> Hellos.checkAnswer(other, hello))
        .hasMessageContaining("answered another hello");
  }

  @Test
  void answerToABulkConnectionCarriesItsNumber() throws Exception {
    Frame bulk = Hellos.hello(Role.ROLE_BULK, ID);
    Frame second = Hellos.ofChannel(bulk, 1, 4);
    Hello accepted = Hellos.checkHello(second);
    assertThat(accepted.getChannel()).isEqualTo(1);
    assertThat(accepted.getChannels()).isEqualTo(4);
    Frame answer = Hellos.answer(accepted);
    Hellos.checkAnswer(answer, second);
    for (Frame other : List.of(Hellos.ofChannel(bulk, 2, 4), Hellos.ofChannel(bulk, 1, 3))) {
      assertThatThrownBy(() -> Hellos.checkAnswer(answer, other))
          .hasMessageContaining("answered another hello");
    }
  }

  @Test
  void invalidNumbersOfBulkConnectionsAreRefused() throws Exception {
    Frame control = hello;
    Frame bulk = Hellos.hello(Role.ROLE_BULK, ID);
    Hellos.checkHello(Hellos.ofChannel(control, 0, Hellos.MAX_CHANNELS));
    Hellos.checkHello(Hellos.ofChannel(bulk, Hellos.MAX_CHANNELS - 1, Hellos.MAX_CHANNELS));
    refused(Hellos.ofChannel(control, 0, 0), "for 0 bulk connections; it must be 1 to 16");
    refused(Hellos.ofChannel(control, 0, 17), "for 17 bulk connections");
    refused(Hellos.ofChannel(control, 0, -1), "for 4294967295 bulk connections");
    refused(Hellos.ofChannel(control, 1, 4), "number 1; the last is number 0");
    refused(Hellos.ofChannel(bulk, 4, 4), "number 4; the last is number 3");
    refused(Hellos.ofChannel(bulk, -1, 4), "number 4294967295");
  }

  @Test
  void onlyALaterControlConnectionOfARestoreClaimsTheProcesses() throws Exception {
    Frame later = Hellos.hello(Role.ROLE_MEMORY, ID, Set.of(), 2, 0);
    assertThat(Hellos.checkHello(Hellos.withOwner(later)).getOwner()).isTrue();
    assertThat(Hellos.checkHello(later).getOwner()).isFalse();
    refused(
        Hellos.withOwner(Hellos.hello(Role.ROLE_MEMORY, ID)),
        "attempt 1 for ROLE_MEMORY that claims to own the processes");
    for (Role role : List.of(Role.ROLE_MEMORY_BULK, Role.ROLE_CONTROL, Role.ROLE_BULK)) {
      refused(Hellos.withOwner(Hellos.hello(role, ID, Set.of(), 2, 0)), "claims to own");
    }
    Frame answer = Hellos.withOwner(Hellos.answer(later.getHello()));
    assertThatThrownBy(() -> Hellos.checkAnswer(answer, later)).hasMessageContaining("claims to");
  }

  @Test
  void textFromAPeerIsMadeSafeToPrint() {
    assertThat(Hellos.printable("a\u001b[31mb\nc")).isEqualTo("a [31mb c");
    assertThat(Hellos.printable("x".repeat(1000))).hasSize(303);
  }

  private static void refused(Frame frame, String reason) {
    assertThatThrownBy(() -> Hellos.checkHello(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(reason);
  }

  private static Frame changed(Hello.Builder hello) {
    return Frame.newBuilder().setHello(hello).build();
  }
}
