package io.faultline.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.PageBitmap;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AccessStreamsTest {
  private static final int PAGES = 1 << 20;
  private static final int MAX_WINDOW = 64;

  private final PageBitmap sent = new PageBitmap(PAGES);
  private final AccessStreams streams = new AccessStreams(MAX_WINDOW);

  @Test
  void sequentialWalkDoublesItsWindowUpToTheMaximum() {
    int[] windows = new int[7];
    long page = 1000;
    for (int i = 0; i < windows.length; i++) {
      int stream = request(page);
      windows[i] = streams.window(stream);
      sent.set(page + 1, page + 1 + windows[i]);
      page += windows[i] + 1;
    }
    assertThat(windows).containsExactly(0, 8, 16, 32, 64, 64, 64);
    assertThat(streams.stride(0)).isEqualTo(1);
  }

  @Test
  void walkContinuesAfterPagesSentByTheBackgroundScan() {
    request(1000);
    sent.set(1001, 1200);
    assertThat(streams.isConfirmed(request(1200))).isTrue();
  }

  @Test
  void stridesInBothDirectionsAreRecognised() {
    for (long stride : new long[] {5, -7, -1}) {
      long start = 100_000 + 1000 * Math.abs(stride);
      assertThat(streams.isConfirmed(request(start))).isFalse();
      assertThat(streams.isConfirmed(request(start + stride))).isFalse();
      int stream = request(start + 2 * stride);
      assertThat(streams.window(stream)).as("stride %s", stride).isEqualTo(8);
      assertThat(streams.stride(stream)).isEqualTo(stride);
      assertThat(request(start + 11 * stride)).as("after its window").isEqualTo(stream);
      assertThat(streams.window(stream)).isEqualTo(16);
    }
  }

  @Test
  void randomRequestsGetNoWindow() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("randomRequests seed " + seed);
    Random random = new Random(seed);
    int confirmed = 0;
    for (int i = 0; i < 1000; i++) {
      confirmed += streams.isConfirmed(request(random.nextInt(PAGES))) ? 1 : 0;
    }
    assertThat(confirmed).isLessThan(10);
  }

  @Test
  void jumpClosesTheWindow() {
    request(10);
    assertThat(streams.isConfirmed(request(11))).isTrue();
    assertThat(streams.isConfirmed(request(50))).isFalse();
  }

  @Test
  void streamsOfSeveralVcpusAreDistinguished() {
    for (int step = 0; step < 4; step++) {
      for (int vcpu = 0; vcpu < AccessStreams.COUNT; vcpu++) {
        int stream = request(vcpu * 10_000L + step);
        assertThat(stream).isEqualTo(vcpu);
        assertThat(streams.isConfirmed(stream)).isEqualTo(step > 0);
      }
    }
  }

  @Test
  void newStreamReplacesTheLeastRecentlyUsed() {
    for (int i = 0; i < AccessStreams.COUNT; i++) {
      request(i * 10_000L);
    }
    request(1);
    int stream = request(500_000);
    assertThat(stream).isEqualTo(1);
    assertThat(streams.isConfirmed(request(2))).as("used more recently").isTrue();
  }

  @Test
  void pageThatTwoVcpusWaitForIsOneStep() {
    request(10);
    int stream = request(11);
    assertThat(request(11)).isEqualTo(stream);
    assertThat(streams.window(stream)).isEqualTo(AccessStreams.FIRST_WINDOW);
  }

  @Test
  void neighbouringPagesOfAnotherRegionAreAnotherStream() {
    int stream = request(10);
    assertThat(streams.requested(1, 11, sent)).isNotEqualTo(stream);
  }

  private int request(long page) {
    int stream = streams.requested(0, page, sent);
    sent.claim(page);
    return stream;
  }
}
