package io.faultline.uffd.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixTest {
  @Test
  void printsRowsColumnsAndReasons() {
    Matrix matrix =
        new Matrix(
            "kernel",
            7,
            List.of(
                cell("copy", MemoryType.ANONYMOUS, Verdict.PASS, ""),
                cell("copy", MemoryType.HUGETLB, Verdict.NOT_SUPPORTED, "the pool is empty"),
                cell("move", MemoryType.ANONYMOUS, Verdict.FAIL, "was 3")));
    assertThat(matrix.print())
        .containsPattern("copy +pass +\\. +\\. +-")
        .containsPattern("move +FAIL")
        .contains("failed:\n  move/anonymous:\n      was 3")
        .contains("not supported:\n  copy/hugetlb:\n      the pool is empty")
        .contains("1 pass, 1 fail, 1 not supported")
        .contains("seed 7");
  }

  @Test
  void enginesDifferIfOneFailsAndTheOtherPasses() {
    Matrix kernel =
        new Matrix(
            "kernel",
            1,
            List.of(
                cell("copy", MemoryType.SHMEM, Verdict.PASS, ""),
                cell("move", MemoryType.SHMEM, Verdict.PASS, ""),
                cell("wake", MemoryType.SHMEM, Verdict.PASS, "")));
    Matrix simulated =
        new Matrix(
            "simulated",
            1,
            List.of(
                cell("copy", MemoryType.SHMEM, Verdict.FAIL, "was EINVAL"),
                cell("move", MemoryType.SHMEM, Verdict.NOT_SUPPORTED, "no huge page"),
                cell("wake", MemoryType.SHMEM, Verdict.PASS, "")));
    assertThat(kernel.differences(simulated))
        .containsExactly("copy/shmem: kernel PASS; simulated FAIL (was EINVAL)");
  }

  private static CellResult cell(String name, MemoryType memory, Verdict verdict, String reason) {
    return new CellResult("group", name, memory, verdict, reason, 1);
  }
}
