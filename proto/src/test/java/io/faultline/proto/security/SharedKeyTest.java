package io.faultline.proto.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey.Party;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SharedKeyTest {
  private static final SharedKey KEY = SharedKey.ofToken(bytes("sixteen bytes it is"));
  private static final Hello HELLO =
      Hello.newBuilder()
          .setVersion(4)
          .setRole(Role.ROLE_CONTROL)
          .setMigrationId(ByteString.copyFromUtf8("0123456789abcdef"))
          .addCapabilities("crc32c")
          .addCapabilities("lz4")
          .setAttempt(1)
          .setSilenceMillis(3000)
          .build();

  private final ByteString here = SharedKey.nonce();
  private final ByteString there = SharedKey.nonce();
  private final ByteString proof = KEY.proof(Party.SOURCE, HELLO, here, there);

  @Test
  void proofOfTheKeyIsAccepted() {
    assertThat(KEY.isProof(proof, Party.SOURCE, HELLO, here, there)).isTrue();
    SharedKey session = SharedKey.random();
    ByteString other = session.proof(Party.DESTINATION, HELLO, here, there);
    assertThat(
            SharedKey.ofWire(session.wireBytes())
                .isProof(other, Party.DESTINATION, HELLO, here, there))
        .isTrue();
  }

  @Test
  void proofIsValidForOneKeyOneSideAndOneHelloOnly() {
    SharedKey other = SharedKey.ofToken(bytes("sixteen bytes it iS"));
    assertThat(other.isProof(proof, Party.SOURCE, HELLO, here, there)).isFalse();
    assertThat(KEY.isProof(proof, Party.DESTINATION, HELLO, here, there)).isFalse();
    assertThat(KEY.isProof(proof, Party.SOURCE, HELLO, there, here)).isFalse();
    assertThat(KEY.isProof(proof, Party.SOURCE, HELLO, here, SharedKey.nonce())).isFalse();
    assertThat(KEY.isProof(ByteString.EMPTY, Party.SOURCE, HELLO, here, there)).isFalse();
    for (Hello changed :
        List.of(
            HELLO.toBuilder().setVersion(99).build(),
            HELLO.toBuilder().setChannels(7).build(),
            HELLO.toBuilder().setChannel(7).build(),
            HELLO.toBuilder().setRole(Role.ROLE_BULK).build(),
            HELLO.toBuilder().setAttempt(2).build(),
            HELLO.toBuilder().setSilenceMillis(0).build(),
            HELLO.toBuilder().setOwner(true).build(),
            HELLO.toBuilder().setMigrationId(ByteString.copyFromUtf8("another")).build(),
            HELLO.toBuilder().clearCapabilities().build(),
            HELLO.toBuilder().clearCapabilities().addCapabilities("crc32clz4").build())) {
      assertThat(KEY.isProof(proof, Party.SOURCE, changed, here, there))
          .as("%s", changed)
          .isFalse();
    }
  }

  @Test
  void shortTokenIsRefused() {
    assertThatThrownBy(() -> SharedKey.ofToken(bytes("short")))
        .hasMessageContaining("5 bytes")
        .hasMessageContaining("openssl");
    assertThatThrownBy(() -> SharedKey.ofToken(new byte[1025])).hasMessageContaining("1025");
    assertThatThrownBy(() -> SharedKey.ofWire(ByteString.copyFromUtf8("x")))
        .hasMessageContaining("1 bytes");
  }

  @Test
  void withoutTlsAndTokenOnlyLoopbackIsAllowed() {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.ofLiteral("127.9.9.9"), 1);
    InetSocketAddress six = new InetSocketAddress(InetAddress.ofLiteral("::1"), 1);
    InetSocketAddress all = new InetSocketAddress(1);
    InetSocketAddress other = new InetSocketAddress(InetAddress.ofLiteral("10.1.2.3"), 1);
    InetSocketAddress unknown = InetSocketAddress.createUnresolved("localhost", 1);
    for (InetSocketAddress each : List.of(loopback, six)) {
      assertThat(Security.LOOPBACK_ONLY.allows(each)).as("%s", each).isTrue();
    }
    for (InetSocketAddress each : List.of(all, other, unknown)) {
      assertThat(Security.LOOPBACK_ONLY.allows(each)).as("%s", each).isFalse();
      assertThat(Security.INSECURE.allows(each)).isTrue();
      assertThat(Security.token(KEY).allows(each)).isTrue();
    }
    assertThatThrownBy(() -> Security.LOOPBACK_ONLY.require(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.1.2.3");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
