"""connector keeps a CRM's sales pipelines true to the sales process the business agreed on."""
