package io.faultline.uffd.conformance;

import java.util.List;
import java.util.stream.Stream;

/** All cases, in the order of the matrix. */
final class CaseCatalog {
  private CaseCatalog() {}

  static List<ConformanceCase> all() {
    return Stream.of(
            ApiCases.all(),
            RegisterCases.all(),
            CopyCases.all(),
            WakeCases.all(),
            MinorCases.all(),
            ProtectCases.all(),
            MoveCases.all(),
            PagingCases.all(),
            MemoryErrorCases.all(),
            EventCases.all(),
            ForkCases.all(),
            ForeignCases.all(),
            PagemapCases.all(),
            StressCases.all())
        .flatMap(List::stream)
        .toList();
  }
}
