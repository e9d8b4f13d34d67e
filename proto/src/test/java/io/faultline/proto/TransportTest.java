package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class TransportTest {
  @Test
  void reasonLeavesOutTheCallAndItsNumber() {
    String message = "recvAddress(..) failed with error(-104): Connection reset by peer";
    assertThat(Transport.reason(new IOException(message))).isEqualTo("Connection reset by peer");
  }

  @Test
  void reasonKeepsOtherMessagesAsTheyAre() {
    assertThat(Transport.reason(new IOException("Broken pipe"))).isEqualTo("Broken pipe");
  }
}
