package io.faultline.proto.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.SetBandwidth;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

final class ControlMessagesTest {
  @Test
  void messagesAreReadOneAfterTheOtherAsTheyWereWritten() throws IOException {
    ControlRequest first =
        ControlRequest.newBuilder()
            .setSetBandwidth(SetBandwidth.newBuilder().setBytesPerSecond(50 << 20))
            .build();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ControlMessages.write(out, first);
    ControlMessages.write(out, ControlRequest.getDefaultInstance());
    InputStream in = new ByteArrayInputStream(out.toByteArray());
    assertThat(ControlMessages.read(in, ControlRequest.parser())).isEqualTo(first);
    assertThat(ControlMessages.read(in, ControlRequest.parser()))
        .isEqualTo(ControlRequest.getDefaultInstance());
    assertThat(ControlMessages.read(in, ControlRequest.parser())).isNull();
  }

  @Test
  void lengthBeyondTheMaximumIsRefusedBeforeAnythingIsAllocated() {
    assertThatThrownBy(() -> read(0x00, 0x01, 0x00, 0x01)).hasMessageContaining("65537 bytes");
    assertThatThrownBy(() -> read(0xff, 0xff, 0xff, 0xff)).hasMessageContaining("4294967295");
  }

  @Test
  void truncatedMessageIsRefused() {
    assertThatThrownBy(() -> read(0x00, 0x00)).hasMessageContaining("within the length");
    assertThatThrownBy(() -> read(0, 0, 0, 9, 1)).hasMessageContaining("within a control message");
  }

  @Test
  void garbageIsRefused() {
    assertThatThrownBy(() -> read(0, 0, 0, 2, 0xff, 0xff)).isInstanceOf(IOException.class);
  }

  @Test
  void messageBeyondTheMaximumIsNotWritten() {
    ControlResponse large =
        ControlResponse.newBuilder().setMessage("x".repeat(ControlMessages.MAX_BYTES)).build();
    assertThatThrownBy(() -> ControlMessages.write(new ByteArrayOutputStream(), large))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void read(int... bytes) throws IOException {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = (byte) bytes[i];
    }
    ControlRequest read =
        ControlMessages.read(new ByteArrayInputStream(all), ControlRequest.parser());
    throw new AssertionError("accepted: " + read);
  }
}
