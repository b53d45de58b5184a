-- Content is JSON, where what begins a line stands right behind the letter of `\n`: of "Dear Ann,\nrefund me" the index
-- held the word `nrefund`, and nobody who looked for `refund` found it. An escaped backslash goes first, as what is
-- behind that is a letter. The index of what is stored is made anew in the background, for 30 to 45 s of CPU a million
-- spans; it has another name, as the files of the old one go in the background, too.
ALTER TABLE {spans} DROP INDEX IF EXISTS input_words, DROP INDEX IF EXISTS output_words SETTINGS alter_sync = 0, mutations_sync = 0;
ALTER TABLE {spans}
    ADD INDEX IF NOT EXISTS input_text input TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(replaceRegexpAll(input, '\\\\[\\\\nrt]', ' '))) AFTER user_bloom,
    ADD INDEX IF NOT EXISTS output_text output TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(replaceRegexpAll(output, '\\\\[\\\\nrt]', ' '))) AFTER input_text;
ALTER TABLE {spans} MATERIALIZE INDEX input_text, MATERIALIZE INDEX output_text SETTINGS alter_sync = 0, mutations_sync = 0;
