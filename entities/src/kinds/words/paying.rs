//! How the foundation pays: batches, and the files that its banks take.

words! {
    /// How a bank wants to be told: a row of `core::instructions::PROFILES`.
    PayProfile {
        PainLatin = "pain_latin",
        PainChinese = "pain_chinese",
        CsvUtf8 = "csv_utf8",
        CsvGb18030 = "csv_gb18030",
        CsvSemicolon = "csv_semicolon",
    }
    /// Stages of a batch of payments.
    PaymentBatchStage {
        Drafted = "drafted",
        Frozen = "frozen",
        Sent = "sent",
        Dissolved = "dissolved",
    }
}
