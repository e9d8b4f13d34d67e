package io.faultline.uffd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FillResultTest {
  @Test
  void bytesAndErrnoArePackedAndUnpacked() {
    long terabyte = 1L << 40;
    for (long bytes : new long[] {0, 4096, 8192, 2 << 20, terabyte, Long.MAX_VALUE & ~4095L}) {
      for (int errno : new int[] {0, Errno.EAGAIN, Errno.EEXIST, Errno.ESRCH, 4095}) {
        long result = FillResult.of(bytes, errno);
        assertThat(FillResult.bytesDone(result)).isEqualTo(bytes);
        assertThat(FillResult.errno(result)).isEqualTo(errno);
        assertThat(FillResult.isComplete(result)).isEqualTo(errno == 0);
      }
    }
  }

  @Test
  void onlyRacesAndShortMemoryAreExpected() {
    int[] expected = {
      0, Errno.EAGAIN, Errno.EBUSY, Errno.EEXIST, Errno.ENOENT, Errno.ENOMEM, Errno.ESRCH
    };
    for (int errno = 0; errno < 134; errno++) {
      int number = errno;
      assertThat(FillResult.isExpected(errno))
          .as(Errno.name(errno))
          .isEqualTo(Arrays.stream(expected).anyMatch(e -> e == number));
    }
  }

  @Test
  void descriptionIsHumanReadable() {
    assertThat(FillResult.describe(FillResult.of(8192, Errno.EAGAIN)))
        .isEqualTo("8192 bytes, EAGAIN");
    assertThat(FillResult.describe(FillResult.of(4096, 0))).isEqualTo("4096 bytes, success");
  }

  @Test
  void invalidBytesAndErrnoAreRefused() {
    assertThatThrownBy(() -> FillResult.of(100, 0)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> FillResult.of(0, 4096)).isInstanceOf(AssertionError.class);
  }
}
