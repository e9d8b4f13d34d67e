package io.faultline.cli.doctor;

import java.util.List;

/** Findings that belong together. */
record Section(String title, List<Finding> findings) {
  Section {
    findings = List.copyOf(findings);
  }
}
