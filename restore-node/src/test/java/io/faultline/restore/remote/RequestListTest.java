package io.faultline.restore.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestListTest {
  private final RequestList list = new RequestList();

  @Test
  void requestsAreTakenInOrderAndInPieces() {
    list.add(7, 100, 3, true);
    list.add(8, 200, 1, false);
    assertThat(list.pageSum()).isEqualTo(4);
    assertThat(list.isUrgent()).isTrue();
    list.take(2);
    assertThat(list.size()).isEqualTo(2);
    assertThat(list.pid()).isEqualTo(7);
    assertThat(list.page()).isEqualTo(102);
    assertThat(list.count()).isOne();
    list.take(1);
    assertThat(list.pid()).isEqualTo(8);
    assertThat(list.isUrgent()).isFalse();
    list.take(1);
    assertThat(list.isEmpty()).isTrue();
    assertThat(list.pageSum()).isZero();
  }

  @Test
  void movesKeepTheOrderAndTheRestOfARequest() {
    list.add(1, 10, 5, true);
    list.add(2, 20, 1, false);
    list.take(3);
    RequestList other = new RequestList();
    other.add(3, 30, 2, true);
    list.moveTo(other);
    assertThat(list.isEmpty()).isTrue();
    assertThat(list.pageSum()).isZero();
    assertThat(other.pageSum()).isEqualTo(5);
    assertThat(drain(other)).isEqualTo("3:30+2! 1:13+2! 2:20+1 ");
  }

  @Test
  void nothingIsLeftAfterClear() {
    list.add(1, 10, 5, true);
    list.clear();
    assertThat(list.isEmpty()).isTrue();
    assertThat(list.pageSum()).isZero();
    list.add(2, 20, 1, false);
    assertThat(drain(list)).isEqualTo("2:20+1 ");
  }

  /** Grows while its start is anywhere in the arrays. */
  @Test
  void anySequenceEqualsThatOfAQueue() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("RequestListTest seed " + seed);
    Random random = new Random(seed);
    Deque<long[]> expected = new ArrayDeque<>();
    long sum = 0;
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(100) < 55) {
        long[] request = {
          random.nextInt(5), random.nextInt(1 << 20), 1 + random.nextInt(9), random.nextInt(2)
        };
        expected.add(request.clone());
        list.add((int) request[0], request[1], (int) request[2], request[3] == 1);
        sum += request[2];
      } else if (!expected.isEmpty()) {
        long[] first = expected.peek();
        assertThat(list.pid()).isEqualTo((int) first[0]);
        assertThat(list.page()).isEqualTo(first[1]);
        assertThat(list.count()).isEqualTo((int) first[2]);
        assertThat(list.isUrgent()).isEqualTo(first[3] == 1);
        int taken = 1 + random.nextInt((int) first[2]);
        list.take(taken);
        sum -= taken;
        first[1] += taken;
        first[2] -= taken;
        if (first[2] == 0) {
          expected.remove();
        }
      }
      assertThat(list.size()).isEqualTo(expected.size());
      assertThat(list.pageSum()).isEqualTo(sum);
    }
  }

  private static String drain(RequestList from) {
    StringBuilder text = new StringBuilder();
    while (!from.isEmpty()) {
      text.append(from.pid()).append(':').append(from.page()).append('+').append(from.count());
      text.append(from.isUrgent() ? "! " : " ");
      from.take(from.count());
    }
    return text.toString();
  }
}
