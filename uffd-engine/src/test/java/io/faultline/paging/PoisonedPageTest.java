package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native code that touches a page which the store cannot read gets SIGBUS, in another process. */
class PoisonedPageTest {
  @TempDir Path directory;

  @Test
  void nativeAccessToAPageThatCannotBeReadEndsWithSigbus() throws Exception {
    PagingKernels.of("kernel");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("error"),
                "-cp",
                System.getProperty("java.class.path"),
                Toucher.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(new File(directory.toFile(), "output"))
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("the child ends").isTrue();
      String output = java.nio.file.Files.readString(directory.resolve("output"));
      assertThat(output).contains("before 7", "reported READ").contains("SIGBUS");
      assertThat(output).doesNotContain("after");
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  /** The child. */
  static final class Toucher {
    private Toucher() {}

    public static void main(String[] args) {
      MemoryStore store = new MemoryStore(20 * PAGE);
      store.bytes[0] = 7;
      Pager pager =
          Pager.open(new io.faultline.uffd.linux.LinuxKernel(), PagerOptions.of(16 * PAGE));
      PagedRegion region = pager.map(new BadRangeStore(store, 5 * PAGE, 6 * PAGE), 20 * PAGE);
      region.onError(error -> print("reported " + error.kind()));
      var kernel = new io.faultline.uffd.linux.LinuxKernel();
      print("before " + kernel.guestLoad(region.address()));
      print("after " + kernel.guestLoad(region.address() + 5 * PAGE));
    }

    private static void print(String text) {
      System.out.println(text);
      System.out.flush();
    }
  }
}
