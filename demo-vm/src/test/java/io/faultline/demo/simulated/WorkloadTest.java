package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The addresses that guest programs access. */
final class WorkloadTest {
  private static final int PAGE = 4096;
  private static final VcpuSlice SLICE = new VcpuSlice(5 * PAGE, 1000, PAGE);

  /** Memory that counts the operations on each word. */
  private static final class Words implements GuestWords {
    private final long[] words = new long[2000 * PAGE / Long.BYTES];
    private final int[] operations = new int[words.length];

    Words() {
      Arrays.setAll(words, n -> SplitMix64.mix(n + 1));
    }

    @Override
    public long load(long offsetBytes) {
      operations[(int) (offsetBytes / Long.BYTES)]++;
      return words[(int) (offsetBytes / Long.BYTES)];
    }

    @Override
    public void store(long offsetBytes, long value) {
      assertThat(words[(int) (offsetBytes / Long.BYTES)]).isNotEqualTo(value);
      words[(int) (offsetBytes / Long.BYTES)] = value;
    }

    long[] operationsPerPage() {
      long[] pages = new long[2000];
      IntStream.range(0, words.length)
          .forEach(n -> pages[n / (PAGE / Long.BYTES)] += operations[n]);
      return pages;
    }
  }

  private static Words run(Workload workload, VcpuSlice slice, long operations) {
    Words words = new Words();
    AddressSequence addresses = AddressSequence.of(workload, slice);
    GuestProgram program = new GuestProgram(addresses, WriteChoice.ALWAYS);
    Registers registers = Registers.initial(42, 0, addresses);
    for (long n = 0; n < operations; n++) {
      registers.step(words, program);
    }
    return words;
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void programsStayInTheirSlice(Workload workload) {
    long[] pages = run(workload, SLICE, 300_000).operationsPerPage();
    for (int page = 0; page < pages.length; page++) {
      if (page < 5 || page >= 1005) {
        assertThat(pages[page]).as("operations in page %d", page).isZero();
      }
    }
  }

  @Test
  void sequentialAccessesEachWordOfItsSliceOnceInEightWalks() {
    Words words = run(Workload.SEQUENTIAL, SLICE, SLICE.lengthBytes() / Long.BYTES);
    int first = (int) (SLICE.startBytes() / Long.BYTES);
    int end = (int) (SLICE.endBytes() / Long.BYTES);
    assertThat(Arrays.stream(words.operations, first, end)).containsOnly(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Workload.class,
      names = {"UNIFORM", "POINTER_CHASE"})
  void uniformAndPointerChaseAccessAllPagesEquallyOften(Workload workload) {
    long[] pages = run(workload, SLICE, 400_000).operationsPerPage();
    for (int page = 5; page < 1005; page++) {
      assertThat(pages[page]).as("page %d", page).isBetween(400L - 140, 400L + 140);
    }
  }

  @Test
  void zipfAccessesScatteredPagesInProportionToOneOverTheirRank() {
    long operations = 1_000_000;
    long[] pages = run(Workload.ZIPF, SLICE, operations).operationsPerPage();
    long[] sorted = Arrays.stream(pages).sorted().toArray();
    double harmonic = IntStream.rangeClosed(1, 1000).mapToDouble(n -> 1.0 / n).sum();
    for (int rank : new int[] {1, 2, 3, 10, 100}) {
      double expected = operations / harmonic / rank;
      assertThat((double) sorted[sorted.length - rank])
          .as("rank %d", rank)
          .isCloseTo(expected, within(expected * 0.1));
    }
    long half = Arrays.stream(pages, 5, 505).sum();
    int first =
        IntStream.range(0, 2000).filter(n -> pages[n] == sorted[1999]).findFirst().orElse(0);
    int second =
        IntStream.range(0, 2000).filter(n -> pages[n] == sorted[1998]).findFirst().orElse(0);
    assertThat(Math.abs(first - second)).isGreaterThan(100);
    assertThat((double) half / operations).isBetween(0.3, 0.7);
  }

  @Test
  void zipfReachesEveryRankOfSmallAndOddSlices() {
    for (long pages : new long[] {1, 2, 3, 127, 130, 1009}) {
      ZipfAddresses addresses = new ZipfAddresses(new VcpuSlice(0, pages, PAGE));
      Registers registers = new Registers();
      Set<Long> seen = new HashSet<>();
      for (int n = 0; n < 200_000; n++) {
        registers.accumulator = n;
        seen.add(addresses.next(registers) / PAGE);
      }
      assertThat(seen).hasSize((int) pages);
    }
  }

  @Test
  void namesAreThoseOnTheCommandLine() {
    assertThat(Workload.of("pointer-chase")).isEqualTo(Workload.POINTER_CHASE);
    assertThatThrownBy(() -> Workload.of("random"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequential, uniform, zipf, pointer-chase");
  }
}
