package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.paging.store.DeltaStore;
import io.faultline.paging.store.FileStore;
import io.faultline.paging.store.SparseFilesStore;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a flush has returned for is in the store, whenever the process is killed: here by SIGKILL,
 * while it goes on to write. (What a power failure leaves is explored for the delta store.)
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrashAfterFlushTest {
  private static final int PAGES = 200;
  private static final long BYTES = PAGES * PAGE;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"file", "sparse files", "delta"})
  void flushedPagesSurviveSigkill(String kind) throws Exception {
    PagingKernels.of("kernel");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString(),
                kind)
            .redirectErrorStream(true)
            .start();
    long flushed = 0;
    try (BufferedReader output = child.inputReader()) {
      for (int i = 0; i < 4; i++) {
        String line = output.readLine();
        assertThat(line).startsWith("flushed ");
        flushed = Long.parseLong(line.substring("flushed ".length()));
      }
      Thread.sleep(2); // somewhere in its next rounds
    } finally {
      child.destroyForcibly().waitFor();
    }
    check(kind, flushed);
  }

  private void check(String kind, long flushed) throws IOException {
    MemorySegment page = Arena.ofAuto().allocate(PAGE, PAGE);
    try (Stores stores = Stores.open(directory, kind)) {
      for (int i = 0; i < PAGES; i++) {
        assertThat(stores.region.read(i * PAGE, page, 0, PAGE)).isEqualTo(PAGE);
        assertThat(page.get(ValueLayout.JAVA_LONG, 0))
            .as("page " + i)
            .isGreaterThanOrEqualTo(flushed);
      }
    }
  }

  /** The store of a kind, in a directory. */
  private record Stores(PageStore region, AutoCloseable file, AutoCloseable other)
      implements AutoCloseable {
    static Stores open(Path directory, String kind) throws IOException {
      if (kind.equals("sparse files")) {
        SparseFilesStore store =
            SparseFilesStore.open(directory.resolve("sparse"), BYTES, 4 * PAGE);
        return new Stores(store, store, () -> {});
      }
      FileStore file = FileStore.open(directory.resolve("file"), BYTES);
      if (kind.equals("file")) {
        return new Stores(file, file, () -> {});
      }
      FileStore delta = FileStore.open(directory.resolve("delta"), DeltaStore.deltaBytes(BYTES));
      return new Stores(DeltaStore.open(file, delta, BYTES), file, delta);
    }

    @Override
    public void close() {
      try {
        file.close();
        other.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  /** The process that is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws IOException {
      Stores stores = Stores.open(Path.of(args[0]), args[1]);
      Pager pager = Pager.open(new LinuxKernel(), PagerOptions.of(64 * PAGE));
      PagedRegion region = pager.map(stores.region, BYTES);
      PagedAccess access = region.access();
      for (long round = 1; ; round++) {
        for (int i = 0; i < PAGES; i++) {
          access.putLong(i * PAGE, round);
        }
        region.flushAll();
        System.out.println("flushed " + round);
      }
    }
  }
}
