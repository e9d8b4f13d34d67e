package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store on a disk that becomes full, a small tmpfs: it continues once there is space again. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {
  private static final int PAGES = 200;

  private final LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();

  @TempDir Path directory;

  @BeforeEach
  void mount() throws Exception {
    String problem = run("mount", "-t", "tmpfs", "-o", "size=256k", "none", directory.toString());
    assumeTrue(problem.isEmpty(), problem);
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", directory.toString());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : "not permitted here: " + output;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void dirtyPagesAreKeptAndWrittenOnceThereIsSpace(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    Path ballast = Files.write(directory.resolve("ballast"), new byte[200 << 10]);
    try (FileStore store = FileStore.open(directory.resolve("store"), PAGES * PAGE);
        Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      region.onError(errors::add);
      int stored = storeUntilItFails(region);
      assertThat(stored).as("pages stored, with room for 14 on the disk").isBetween(64, 80);
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.kind()).isEqualTo(PagingError.Kind.WRITE);
      assertThat(error.message()).contains(directory.resolve("store").toString(), "ENOSPC");
      assertThatThrownBy(region::flushAll).hasMessageContaining("ENOSPC");
      run("mount", "-o", "remount,size=4m", directory.toString());
      Files.delete(ballast);
      region.flushAll();
      try (PagedAccess access = region.access()) {
        for (int page = 0; page < PAGES; page++) {
          long expected = page < stored ? page + 1 : 0;
          assertThat(access.getLong(page * PAGE)).as("page " + page).isEqualTo(expected);
        }
        access.putLong((PAGES - 1) * PAGE, 5);
      }
    }
    byte[] bytes = Files.readAllBytes(directory.resolve("store"));
    assertThat(bytes[(int) (50 * PAGE)]).isEqualTo((byte) 51);
    assertThat(bytes[(int) ((PAGES - 1) * PAGE)]).isEqualTo((byte) 5);
  }

  private static int storeUntilItFails(PagedRegion region) {
    try (PagedAccess access = region.access()) {
      for (int page = 0; page < PAGES; page++) {
        try {
          access.putLong(page * PAGE, page + 1);
        } catch (PagingException e) {
          assertThat(e).hasMessageContaining("the store refuses writes");
          return page;
        }
      }
    }
    return PAGES;
  }
}
