package io.faultline.proto.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.proto.wire.control.ControlRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Any bytes are control messages, which are written as they are read, or are refused. */
final class ControlMessagesFuzzTest {
  @FuzzTest(maxDuration = "2s")
  void anyBytesAreMessagesOrAreRefused(byte[] bytes) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    try {
      for (ControlRequest each = ControlMessages.read(in, ControlRequest.parser());
          each != null;
          each = ControlMessages.read(in, ControlRequest.parser())) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ControlMessages.write(out, each);
        ByteArrayInputStream again = new ByteArrayInputStream(out.toByteArray());
        assertThat(ControlMessages.read(again, ControlRequest.parser())).isEqualTo(each);
      }
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }
}
