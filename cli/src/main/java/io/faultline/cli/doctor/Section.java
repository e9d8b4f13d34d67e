package io.faultline.cli.doctor;

import java.util.List;

/** Findings under one title. */
record Section(String title, List<Finding> findings) {
  Section {
    findings = List.copyOf(findings);
  }
}
