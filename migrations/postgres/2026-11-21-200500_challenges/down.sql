DROP TABLE mails;
DROP TABLE challenges;
