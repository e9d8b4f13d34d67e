package io.faultline.restore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PageReceiverTest {
  @Test
  void zerosArePassedOnAsPagesByDefault() {
    RecordingReceiver receiver = new RecordingReceiver();
    receiver.zeros(7, 0x10000, 150);
    List<String> expected =
        LongStream.range(0, 150)
            .mapToObj(page -> "page 7 " + Long.toHexString(0x10000 + page * 4096) + " 0")
            .toList();
    assertThat(receiver.lines()).isEqualTo(expected);
  }
}
