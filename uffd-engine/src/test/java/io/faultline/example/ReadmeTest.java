package io.faultline.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReadmeTest {
  @Test
  void readmeShowsTheCompiledExample() throws IOException {
    String source = Files.readString(Path.of("src/test/java/io/faultline/example/LazyMemory.java"));
    assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + source + "```\n");
  }

  @Test
  @Timeout(120)
  void exampleRunsOnTheKernel() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    Kernel kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    assertThat(LazyMemory.touch(kernel, 5)).isEqualTo(5);
  }

  @Test
  @Timeout(120)
  void exampleRunsOnTheSimulatedKernel() {
    assertThat(LazyMemory.touch(new SimulatedKernel(), 5)).isEqualTo(5);
  }
}
